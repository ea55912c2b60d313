"""What ``import azibflow`` offers a notebook: each name, and the module that holds it.

The modules are imported when one of their names is first used, so that ``import azibflow`` stays light.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

FACE: dict[str, tuple[str, ...]] = {
    # structures
    "structures.building": ("build",),
    "structures.recipes": ("SlabRecipe", "StructureRecipe"),
    "structures.prototypes.catalogue": ("prototype",),
    "structures.files": ("read_structure", "write_structure"),
    "structures.heterostructures.pairs": ("heterostructure",),
    "structures.heterostructures.recipe": ("HeterostructureRecipe",),
    "structures.heterostructures.settings": ("HeterostructureSettings",),
    "structures.clusters.catalogue": ("cluster",),
    "structures.molecules": ("adsorbate",),
    "structures.sites": ("adsorption_sites", "place"),
    "structures.hops": ("distinct_hops", "hop_endpoints"),
    "structures.documents": ("StructureDocument",),
    # calculators
    "calculators.factory": ("available", "make_calculator"),
    "calculators.specs": ("parse_spec",),
    "calculators.kinds.ase": ("AseSpec",),
    "calculators.kinds.chgnet": ("ChgnetSpec",),
    "calculators.kinds.sevennet": ("SevennetSpec",),
    "calculators.kinds.corrected": ("CorrectedSpec", "RefineSettings"),
    "calculators.kinds.cp2k": ("Cp2kSpec",),
    "calculators.kinds.ensemble": ("EnsembleSpec",),
    "calculators.kinds.espresso": ("EspressoSpec",),
    "calculators.kinds.gpaw": ("GpawSpec",),
    "calculators.kinds.mace": ("MaceSpec",),
    "calculators.kinds.pyscf": ("PyscfSpec", "pyscf_preset"),
    "calculators.kinds.pyscf_gamma": ("PyscfGammaSpec",),
    "calculators.kinds.surrogate": ("SurrogateSpec",),
    "calculators.kinds.vasp": ("VaspSpec",),
    "calculators.kinds.xtb": ("XtbSpec",),
    "calculators.dispersion": ("Dispersion",),
    "calculators.relaxation": ("relax",),
    "calculators.bands": ("minimum_energy_path",),
    # studies, without Jobflow and as flows, and their results
    "workflows.common.results": ("Outcome", "RelaxSettings"),
    "workflows.common.relaxation_jobs": ("relax_structure",),
    "workflows.common.corrections": ("correct",),
    "workflows.migration.hops": ("HopSettings", "hop_between"),
    "workflows.migration.flow": ("MigrationMaker", "compute_hop", "migration_study"),
    "workflows.migration.surface_flow": ("SurfaceMigrationMaker", "surface_migration_study"),
    "workflows.migration.surface_hops": ("SurfaceHops",),
    "workflows.migration.results": ("BandSettings", "MigrationResult"),
    "workflows.adsorption.flow": ("AdsorptionMaker", "adsorption_study"),
    "workflows.adsorption.results": ("AdsorptionResult",),
    "workflows.adsorption.free_energies": ("FreeEnergySettings",),
    "workflows.adsorption.vibrating": ("free_energies",),
    "workflows.dissociation.flow": ("DissociationMaker", "dissociation_study"),
    "workflows.dissociation.results": ("DissociationResult", "EndSettings"),
    "workflows.surfaces.flow": ("SurfaceMaker", "surface_study"),
    "workflows.surfaces.results": ("SurfaceResult",),
    "workflows.interfaces.flow": ("InterfaceMaker", "interface_study"),
    "workflows.interfaces.results": ("InterfaceResult",),
    "workflows.breathing.flow": ("BreathingMaker",),
    "workflows.breathing.study": ("breathing_study",),
    "workflows.breathing.family_flow": ("BreathingFamilyMaker", "breathing_family_study"),
    "workflows.breathing.family": ("HostFamily",),
    "workflows.breathing.tasks": ("BreathingSettings",),
    "workflows.breathing.results": ("BreathingCriteria", "BreathingResult"),
    "workflows.molecular.geometries": ("MoleculeSettings",),
    "workflows.molecular.desolvation": ("DesolvationMaker", "desolvation_study"),
    "workflows.molecular.desolvation_results": ("DesolvationResult",),
    "workflows.molecular.surface_states": ("ShellSettings",),
    "workflows.surface_ladders.flow": ("SurfaceDesolvationMaker", "surface_desolvation_study"),
    "workflows.molecular.binding": ("BindingMaker", "BindingResult", "binding_study"),
    "workflows.molecular.orbitals": ("OrbitalsMaker", "OrbitalsResult", "orbitals_study"),
    "workflows.molecular.esp": ("EspMaker", "EspResult", "EspSettings", "esp_study"),
    "workflows.convergence.flow": ("ConvergenceMaker", "convergence_study"),
    "workflows.convergence.results": ("ConvergenceResult",),
    "workflows.insertion.flow": ("InsertionMaker", "insertion_study"),
    "workflows.insertion.results": ("InsertionResult",),
    "workflows.insertion.sites": ("SiteSettings",),
    "workflows.reactions.flow": ("ReactionMaker", "reaction_study"),
    "workflows.reactions.results": ("ReactionResult",),
    "workflows.amorphous.flow": ("AmorphousMaker", "amorphous_study"),
    "workflows.amorphous.protocol": ("MeltQuench",),
    "workflows.amorphous.results": ("AmorphousResult",),
    "workflows.screening.flow": ("ScreeningMaker", "screening_study"),
    "workflows.screening.results": ("ScreeningResult",),
    "workflows.surrogate.maker": ("SurrogateMaker",),
    "workflows.surrogate.publication": ("SurrogateResult",),
    "workflows.surrogate.study": ("surrogate_study",),
    # campaigns and runs
    "campaigns.files": ("load_campaign",),
    "campaigns.flow": ("campaign_flow",),
    "campaigns.plan": ("plan",),
    "hpc.run_folder": ("RunFolder",),
    "hpc.manager": ("run_flow",),
    "hpc.processes": ("ProcessExecutor",),
    "hpc.profiles": ("load_profile",),
    "hpc.submission": ("run_on_slurm",),
    # results, tables, figures
    "analysis.stored": ("load_results",),
    "analysis.tables.registry": ("published_orderings", "table_of"),
    "analysis.tables.declared": ("Declared",),
    "analysis.tables.formats": ("render",),
    "analysis.tables.frames": ("frame", "frame_of"),
    "analysis.figures.draw": ("draw",),
    "data.literature": ("published",),
    "errors": ("AzibflowError",),
}
"""Names by the module that holds them, below the package; ``__init__.py`` imports the same ones for type checkers."""

NAMES = {name: module for module, names in FACE.items() for name in names}
"""The module of each name."""


def offered(name: str) -> Any:
    """Import one of the names.

    Args:
        name: of a function or a class.

    Raises:
        AttributeError: there is no such name; the message says which is nearest.
    """
    package = __name__.rpartition(".")[0]
    if name in NAMES:
        return getattr(import_module(f"{package}.{NAMES[name]}"), name)
    # with its name given, the interpreter adds no suggestion of its own
    raise AttributeError(f"module {package!r} has no attribute {name!r}{_nearest(name)}", name=name)


def _nearest(name: str) -> str:
    from difflib import get_close_matches

    lower = {known.lower(): known for known in NAMES}
    near = get_close_matches(name.lower(), lower, n=1)
    return f"; did you mean {lower[near[0]]!r}?" if near else ""
