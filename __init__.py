"""azibflow: Jobflow workflows for the interfaces of aqueous zinc-ion batteries.

What a notebook needs is here, and imported when it is first used: structures, calculators, the makers and plain
functions of the studies, their results, tables and figures.
"""

from typing import TYPE_CHECKING

from .earlier_names import keep_earlier_names
from .face import NAMES, offered

if TYPE_CHECKING:
    # isort: off
    from .structures.building import build as build
    from .structures.recipes import SlabRecipe as SlabRecipe, StructureRecipe as StructureRecipe
    from .structures.prototypes.catalogue import prototype as prototype
    from .structures.files import read_structure as read_structure, write_structure as write_structure
    from .structures.heterostructures.pairs import heterostructure as heterostructure
    from .structures.heterostructures.recipe import HeterostructureRecipe as HeterostructureRecipe
    from .structures.heterostructures.settings import HeterostructureSettings as HeterostructureSettings
    from .structures.clusters.catalogue import cluster as cluster
    from .structures.molecules import adsorbate as adsorbate
    from .structures.sites import adsorption_sites as adsorption_sites, place as place
    from .structures.hops import distinct_hops as distinct_hops, hop_endpoints as hop_endpoints
    from .structures.documents import StructureDocument as StructureDocument
    from .calculators.factory import available as available, make_calculator as make_calculator
    from .calculators.specs import parse_spec as parse_spec
    from .calculators.kinds.ase import AseSpec as AseSpec
    from .calculators.kinds.chgnet import ChgnetSpec as ChgnetSpec
    from .calculators.kinds.sevennet import SevennetSpec as SevennetSpec
    from .calculators.kinds.corrected import CorrectedSpec as CorrectedSpec
    from .calculators.kinds.corrected import RefineSettings as RefineSettings
    from .calculators.kinds.cp2k import Cp2kSpec as Cp2kSpec
    from .calculators.kinds.ensemble import EnsembleSpec as EnsembleSpec
    from .calculators.kinds.espresso import EspressoSpec as EspressoSpec
    from .calculators.kinds.gpaw import GpawSpec as GpawSpec
    from .calculators.kinds.mace import MaceSpec as MaceSpec
    from .calculators.kinds.pyscf import PyscfSpec as PyscfSpec, pyscf_preset as pyscf_preset
    from .calculators.kinds.pyscf_gamma import PyscfGammaSpec as PyscfGammaSpec
    from .calculators.kinds.surrogate import SurrogateSpec as SurrogateSpec
    from .calculators.kinds.vasp import VaspSpec as VaspSpec
    from .calculators.kinds.xtb import XtbSpec as XtbSpec
    from .calculators.dispersion import Dispersion as Dispersion
    from .calculators.relaxation import relax as relax
    from .calculators.bands import minimum_energy_path as minimum_energy_path
    from .workflows.common.results import Outcome as Outcome, RelaxSettings as RelaxSettings
    from .workflows.common.relaxation_jobs import relax_structure as relax_structure
    from .workflows.common.corrections import correct as correct
    from .workflows.migration.hops import HopSettings as HopSettings, hop_between as hop_between
    from .workflows.migration.flow import (
        MigrationMaker as MigrationMaker,
        compute_hop as compute_hop,
        migration_study as migration_study,
    )
    from .workflows.migration.surface_flow import (
        SurfaceMigrationMaker as SurfaceMigrationMaker,
        surface_migration_study as surface_migration_study,
    )
    from .workflows.migration.surface_hops import SurfaceHops as SurfaceHops
    from .workflows.migration.results import BandSettings as BandSettings, MigrationResult as MigrationResult
    from .workflows.adsorption.flow import AdsorptionMaker as AdsorptionMaker, adsorption_study as adsorption_study
    from .workflows.adsorption.results import AdsorptionResult as AdsorptionResult
    from .workflows.adsorption.free_energies import FreeEnergySettings as FreeEnergySettings
    from .workflows.adsorption.vibrating import free_energies as free_energies
    from .workflows.dissociation.flow import (
        DissociationMaker as DissociationMaker,
        dissociation_study as dissociation_study,
    )
    from .workflows.dissociation.results import DissociationResult as DissociationResult, EndSettings as EndSettings
    from .workflows.surfaces.flow import SurfaceMaker as SurfaceMaker, surface_study as surface_study
    from .workflows.surfaces.results import SurfaceResult as SurfaceResult
    from .workflows.interfaces.flow import InterfaceMaker as InterfaceMaker, interface_study as interface_study
    from .workflows.interfaces.results import InterfaceResult as InterfaceResult
    from .workflows.convergence.flow import (
        ConvergenceMaker as ConvergenceMaker,
        convergence_study as convergence_study,
    )
    from .workflows.convergence.results import ConvergenceResult as ConvergenceResult
    from .workflows.breathing.flow import BreathingMaker as BreathingMaker
    from .workflows.breathing.study import breathing_study as breathing_study
    from .workflows.breathing.family_flow import BreathingFamilyMaker as BreathingFamilyMaker
    from .workflows.breathing.family_flow import breathing_family_study as breathing_family_study
    from .workflows.breathing.family import HostFamily as HostFamily
    from .workflows.breathing.tasks import BreathingSettings as BreathingSettings
    from .workflows.breathing.results import BreathingCriteria as BreathingCriteria, BreathingResult as BreathingResult
    from .workflows.molecular.geometries import MoleculeSettings as MoleculeSettings
    from .workflows.molecular.desolvation import (
        DesolvationMaker as DesolvationMaker,
        desolvation_study as desolvation_study,
    )
    from .workflows.molecular.desolvation_results import DesolvationResult as DesolvationResult
    from .workflows.molecular.surface_states import ShellSettings as ShellSettings
    from .workflows.surface_ladders.flow import (
        SurfaceDesolvationMaker as SurfaceDesolvationMaker,
        surface_desolvation_study as surface_desolvation_study,
    )
    from .workflows.molecular.binding import (
        BindingMaker as BindingMaker,
        BindingResult as BindingResult,
        binding_study as binding_study,
    )
    from .workflows.molecular.orbitals import (
        OrbitalsMaker as OrbitalsMaker,
        OrbitalsResult as OrbitalsResult,
        orbitals_study as orbitals_study,
    )
    from .workflows.molecular.esp import (
        EspMaker as EspMaker,
        EspResult as EspResult,
        EspSettings as EspSettings,
        esp_study as esp_study,
    )
    from .workflows.insertion.flow import InsertionMaker as InsertionMaker, insertion_study as insertion_study
    from .workflows.insertion.results import InsertionResult as InsertionResult
    from .workflows.insertion.sites import SiteSettings as SiteSettings
    from .workflows.reactions.flow import ReactionMaker as ReactionMaker, reaction_study as reaction_study
    from .workflows.reactions.results import ReactionResult as ReactionResult
    from .workflows.amorphous.flow import AmorphousMaker as AmorphousMaker, amorphous_study as amorphous_study
    from .workflows.amorphous.protocol import MeltQuench as MeltQuench
    from .workflows.amorphous.results import AmorphousResult as AmorphousResult
    from .workflows.screening.flow import (
        ScreeningMaker as ScreeningMaker,
        screening_study as screening_study,
    )
    from .workflows.screening.results import ScreeningResult as ScreeningResult
    from .workflows.surrogate.maker import SurrogateMaker as SurrogateMaker
    from .workflows.surrogate.publication import SurrogateResult as SurrogateResult
    from .workflows.surrogate.study import surrogate_study as surrogate_study
    from .campaigns.files import load_campaign as load_campaign
    from .campaigns.flow import campaign_flow as campaign_flow
    from .campaigns.plan import plan as plan
    from .hpc.run_folder import RunFolder as RunFolder
    from .hpc.manager import run_flow as run_flow
    from .hpc.processes import ProcessExecutor as ProcessExecutor
    from .hpc.profiles import load_profile as load_profile
    from .hpc.submission import run_on_slurm as run_on_slurm
    from .analysis.stored import load_results as load_results
    from .analysis.tables.declared import Declared as Declared
    from .analysis.tables.registry import published_orderings as published_orderings
    from .analysis.tables.registry import table_of as table_of
    from .analysis.tables.formats import render as render
    from .analysis.tables.frames import frame as frame, frame_of as frame_of
    from .analysis.figures.draw import draw as draw
    from .data.literature import published as published
    from .errors import AzibflowError as AzibflowError
    # isort: on
else:

    def __getattr__(name: str) -> object:
        """Import what is asked for; type checkers, which read the imports above, tell a wrong name."""
        return offered(name)


__version__ = "0.1.0"
__all__ = [*NAMES]


def __dir__() -> list[str]:
    """List what is offered, imported or not."""
    return sorted({*globals(), *NAMES})


keep_earlier_names()
