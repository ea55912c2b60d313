"""The kinds of studies: what each is called and where its parts are, so that naming them imports nothing.

One record for each kind. Another package adds a kind by an entry point in the group ``azibflow.studies`` that names its
record; the campaign file, its schema and reference page, the tables and the figures follow.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib import import_module
from typing import Any, Literal

from .errors import AzibflowError
from .plugins import plugins, refuse

GROUP = "azibflow.studies"
TAKEN = ("all", "bonds", "ledgers")
"""What tables and figures can be asked for beside the kinds of studies."""


@dataclass(frozen=True)
class SystemRows:
    """How rows of a table compare from one system to another: with its parent, in a published order.

    Attributes:
        system: column that names the system of a row, as its recipe is described.
        numbers: columns of the number that decides; of two rows the first that both have.
        alike: columns in which a row and that of the parent agree, such as the ion.
        best: which of the rows that are alike counts.
        thickest: column whose largest value counts, such as layers; empty for none.
        species: column that names the ion or adsorbate; empty for none.
        parts: column that names the parts of a complex, any of which may be the system; empty for none.
        quantities: published quantities that the table has, each with its column; empty: the number that decides.
            Of several columns of one quantity the first that all its systems have counts.
        quantity: column that says in words which quantity a row is of, in a table of several; empty for none.
        process: column of the number that is compared where the same process is found; empty where none is looked for.
        same: function of ``(row, rows of the parent, results)`` that finds the same process there; empty: the best row.
    """

    system: str
    numbers: tuple[str, ...]
    alike: tuple[str, ...] = ()
    best: Literal["lowest", "highest"] = "lowest"
    thickest: str = ""
    species: str = ""
    parts: str = ""
    quantities: tuple[tuple[str, str], ...] = ()
    quantity: str = ""
    process: str = ""
    same: str = ""


@dataclass(frozen=True)
class StudyKind:
    """A kind of study.

    Parts are named by import path, ``package.module:name``, and imported when they are used.

    Attributes:
        name: as campaigns write it, and tables and figures are asked for.
        says: what it computes, in a few words.
        model: class of its keys in a campaign, a subclass of ``azibflow.campaigns.studies.base.Study``.
        result: class of its results, a subclass of ``StudyLabel``; each has a name of its own in its package.
        table: function of ``(results, literature=...)`` that returns a ``Table``.
        compared: columns of its table whose numbers by several calculators are put side by side.
        jobs: modules or packages whose job functions belong to it; what they have not finished is told in its table.
        figure: function of ``(sources, outputs, **options)`` that draws the runs; empty for none.
        figure_says: what the figure shows, in a few words.
        figure_options: options of ``azibflow plot`` that the figure takes.
        endings: of the files that the figure can be written to, with their dots.
        also: other names for its table and figure.
        cites: keys of what a paper that uses it cites, in ``data/references.bib``.
        system_rows: how its rows compare from one system to another; none where they do not.
    """

    name: str
    says: str
    model: str
    result: str
    table: str
    jobs: tuple[str, ...]
    compared: tuple[str, ...] = ()
    figure: str = ""
    figure_says: str = ""
    figure_options: tuple[str, ...] = ()
    endings: tuple[str, ...] = ()
    also: tuple[str, ...] = ()
    cites: tuple[str, ...] = ()
    system_rows: SystemRows | None = None

    def part(self, name: str) -> Any:
        """Import one part.

        Args:
            name: of the field that names it, such as ``model``.

        Raises:
            AzibflowError: it cannot be imported.
        """
        module, _, attribute = getattr(self, name).partition(":")
        try:
            return getattr(import_module(module), attribute)
        except Exception as error:  # importing runs code of others
            raise self._broken(name, "cannot be imported", error) from error

    def call(self, name: str, *given: Any, **options: Any) -> Any:
        """Call one part.

        Args:
            name: of the field that names a function, such as ``table``.
            given: its arguments.
            options: its named arguments.

        Raises:
            AzibflowError: it cannot be imported, or it fails.
        """
        function = self.part(name)
        try:
            return function(*given, **options)
        except AzibflowError:
            raise
        except Exception as error:  # code of others
            raise self._broken(name, "failed", error) from error

    def _broken(self, name: str, what: str, error: Exception) -> AzibflowError:
        why = f"{type(error).__name__}: {' '.join(str(error).split())}"
        return AzibflowError(f"the {name} of {self.name} studies ({getattr(self, name)}) {what}: {why}")


PICTURES = (".png", ".svg")

BUILT_IN = (
    StudyKind(
        name="migration",
        says="migration barriers",
        model="azibflow.campaigns.studies.migration:MigrationStudy",
        result="azibflow.workflows.migration.results:MigrationResult",
        table="azibflow.analysis.tables.migration:barriers_table",
        jobs=("azibflow.workflows.migration",),
        compared=("barrier_forward",),
        figure="azibflow.analysis.figures.migration:draw_migration",
        figure_says="energy profiles along the path",
        endings=PICTURES,
        cites=("tangents", "climbing-image", "idpp"),
        also=("barriers",),
        system_rows=SystemRows(
            system="host",
            numbers=("way_barrier", "barrier_forward"),
            process="barrier_forward",
            alike=("ion",),
            species="ion",
            quantities=(("migration_barrier", ""),),
            same="azibflow.analysis.tables.same_hop:same_hop",
        ),
    ),
    StudyKind(
        name="adsorption",
        says="adsorption energies on surfaces",
        model="azibflow.campaigns.studies.adsorption:AdsorptionStudy",
        result="azibflow.workflows.adsorption.results:AdsorptionResult",
        table="azibflow.analysis.tables.adsorption:adsorption_table",
        jobs=("azibflow.workflows.adsorption",),
        compared=("e_ads_vs_bulk", "e_ads_vs_molecule"),
        figure="azibflow.analysis.figures.adsorption:draw_adsorption",
        figure_says="energies of sites and orientations, beside a map of where each ended",
        endings=PICTURES,
        system_rows=SystemRows(
            system="surface",
            numbers=("e_ads_vs_bulk", "e_ads_vs_molecule"),
            alike=("adsorbate",),
            species="adsorbate",
            quantities=(("adsorption_energy", ""), ("hydrogen_free_energy", "delta_g"), ("hydrogen_free_energy", "")),
        ),
    ),
    StudyKind(
        name="surface",
        says="surface energies",
        model="azibflow.campaigns.studies.surface:SurfaceStudy",
        result="azibflow.workflows.surfaces.results:SurfaceResult",
        table="azibflow.analysis.tables.surface:surfaces_table",
        jobs=("azibflow.workflows.surfaces",),
        compared=("gamma",),
        figure="azibflow.analysis.figures.surface:draw_surface",
        figure_says="surface energies of facets, beside the Wulff shape",
        endings=PICTURES,
        also=("surfaces",),
        system_rows=SystemRows(
            system="bulk",
            numbers=("gamma",),
            alike=("facet",),
            thickest="layers",
            quantities=(("surface_energy", ""),),
        ),
    ),
    StudyKind(
        name="dissociation",
        says="water that falls into OH and H on surfaces",
        model="azibflow.campaigns.studies.dissociation:DissociationStudy",
        result="azibflow.workflows.dissociation.results:DissociationResult",
        table="azibflow.analysis.tables.dissociation:dissociation_table",
        jobs=("azibflow.workflows.dissociation",),
        compared=("barrier_forward",),
        figure="azibflow.analysis.figures.dissociation:draw_dissociation",
        figure_says="barriers of water dissociation against adsorption energies of OH, a point for each surface",
        endings=PICTURES,
        cites=("tangents", "climbing-image", "idpp"),
        system_rows=SystemRows(system="surface", numbers=("barrier_forward",), alike=("beside",)),
    ),
    StudyKind(
        name="desolvation",
        says="what it costs to take the water off an ion",
        model="azibflow.campaigns.studies.desolvation:DesolvationStudy",
        result="azibflow.workflows.molecular.desolvation_results:DesolvationResult",
        table="azibflow.analysis.tables.desolvation:desolvation_table",
        jobs=("azibflow.workflows.molecular.desolvation", "azibflow.workflows.surface_ladders"),
        compared=("energy",),
        figure="azibflow.analysis.figures.desolvation:draw_desolvation",
        figure_says="what each water costs, and all of them together",
        endings=PICTURES,
        system_rows=SystemRows(
            system="support",
            numbers=("energy",),
            alike=("ion", "waters"),
            best="highest",
            species="ion",
            quantities=(("desolvation_barrier", ""),),
        ),
    ),
    StudyKind(
        name="binding",
        says="binding energies of complexes",
        model="azibflow.campaigns.studies.binding:BindingStudy",
        result="azibflow.workflows.molecular.binding:BindingResult",
        table="azibflow.analysis.tables.binding:binding_table",
        jobs=("azibflow.workflows.molecular.binding",),
        compared=("energy",),
        figure="azibflow.analysis.figures.binding:draw_binding",
        figure_says="binding energies of complexes",
        endings=PICTURES,
        system_rows=SystemRows(
            system="complex_name",
            numbers=("counterpoise", "energy"),
            parts="parts_name",
            quantities=(("binding_energy", ""), ("adsorption_energy", "")),
        ),
    ),
    StudyKind(
        name="orbitals",
        says="frontier levels, ionisation energies, electron affinities",
        model="azibflow.campaigns.studies.orbitals:OrbitalsStudy",
        result="azibflow.workflows.molecular.orbitals:OrbitalsResult",
        table="azibflow.analysis.tables.orbitals:orbitals_table",
        jobs=("azibflow.workflows.molecular.orbitals",),
        figure="azibflow.analysis.figures.orbitals:draw_orbitals",
        figure_says="levels of HOMO and LUMO with the gap, vertical IP and EA",
        endings=PICTURES,
        system_rows=SystemRows(
            system="molecule_name",
            numbers=("lumo",),
            quantities=(("lumo_energy", "lumo"), ("homo_energy", "homo"), ("orbital_gap", "gap")),
        ),
    ),
    StudyKind(
        name="esp",
        says="electrostatic potentials on molecular surfaces",
        model="azibflow.campaigns.studies.esp:EspStudy",
        result="azibflow.workflows.molecular.esp:EspResult",
        table="azibflow.analysis.tables.esp:esp_table",
        jobs=("azibflow.workflows.molecular.esp",),
        figure="azibflow.analysis.figures.esp:draw_esp",
        figure_says="potentials on molecular surfaces; the .html is to turn in a browser, without internet",
        figure_options=("scale",),
        endings=(*PICTURES, ".html"),
        cites=("isosurface",),
        system_rows=SystemRows(
            system="molecule_name", numbers=("spread",), best="highest", quantities=(("potential_spread", ""),)
        ),
    ),
    StudyKind(
        name="breathing",
        says="E_b of n ions at an interface, its bonds, and the capacity limit",
        model="azibflow.campaigns.studies.breathing:BreathingStudy",
        result="azibflow.workflows.breathing.results:BreathingResult",
        table="azibflow.analysis.tables.breathing:breathing_table",
        jobs=("azibflow.workflows.breathing",),
        figure="azibflow.analysis.figures.breathing:draw_breathing",
        figure_says="E_b of n ions, voltages, bonds, pictures where they end; the .html has every structure to turn",
        endings=(*PICTURES, ".html"),
        system_rows=SystemRows(system="host_name", numbers=("binding",), alike=("ion", "n", "m"), species="ion"),
    ),
    StudyKind(
        name="interface",
        says="bonds, strain and work of adhesion of heterostructures",
        model="azibflow.campaigns.studies.interface:InterfaceStudy",
        result="azibflow.workflows.interfaces.results:InterfaceResult",
        table="azibflow.analysis.tables.interface:interfaces_table",
        jobs=("azibflow.workflows.interfaces",),
        compared=("adhesion_energy",),
        figure="azibflow.analysis.figures.interface:draw_interface",
        figure_says="work of adhesion, with interface bonds and strain",
        endings=PICTURES,
        also=("interfaces",),
        system_rows=SystemRows(
            system="system",
            numbers=("work_of_adhesion",),
            best="highest",
            quantities=(("work_of_adhesion", ""),),
        ),
    ),
    StudyKind(
        name="insertion",
        says="insertion energies, voltages and swelling",
        model="azibflow.campaigns.studies.insertion:InsertionStudy",
        result="azibflow.workflows.insertion.results:InsertionResult",
        table="azibflow.analysis.tables.insertion:insertion_table",
        jobs=("azibflow.workflows.insertion.flow",),
        compared=("energy", "voltage"),
        figure="azibflow.analysis.figures.insertion:draw_insertion",
        figure_says="insertion energies and voltages, the ions of a host side by side",
        endings=PICTURES,
        cites=("hydrogen-electrode",),
        system_rows=SystemRows(
            system="host_name",
            numbers=("energy",),
            alike=("ion", "n"),
            species="ion",
            quantities=(("insertion_energy", ""),),
        ),
    ),
    StudyKind(
        name="reaction",
        says="energies and voltages of reactions",
        model="azibflow.campaigns.studies.reaction:ReactionStudy",
        result="azibflow.workflows.reactions.results:ReactionResult",
        table="azibflow.analysis.tables.reaction:reactions_table",
        jobs=("azibflow.workflows.reactions",),
        compared=("energy",),
        figure="azibflow.analysis.figures.reaction:draw_reactions",
        figure_says="energies of reactions",
        endings=PICTURES,
        also=("reactions",),
        cites=("hydrogen-electrode",),
    ),
    StudyKind(
        name="amorphous",
        says="amorphous solids by melting and quenching",
        model="azibflow.campaigns.studies.amorphous:AmorphousStudy",
        result="azibflow.workflows.amorphous.results:AmorphousResult",
        table="azibflow.analysis.tables.amorphous:amorphous_table",
        jobs=("azibflow.workflows.amorphous",),
        compared=("above_crystal",),
        figure="azibflow.analysis.figures.amorphous:draw_amorphous",
        figure_says="radial distribution functions of pairs of elements, beside the crystal's and published distances",
        endings=PICTURES,
    ),
    StudyKind(
        name="screening",
        says="rankings of many structures by one question",
        model="azibflow.campaigns.studies.screening:ScreeningStudy",
        result="azibflow.workflows.screening.results:ScreeningResult",
        table="azibflow.analysis.tables.screening:screening_table",
        jobs=("azibflow.workflows.screening", "azibflow.workflows.insertion.voltage"),
        figure="azibflow.analysis.figures.screening:draw_screening",
        figure_says="the ranking with its error bars",
        endings=PICTURES,
        system_rows=SystemRows(
            system="system",
            numbers=("value",),
            alike=("quantity", "ion", "by"),
            species="ion",
            quantities=(("migration_barrier", ""), ("adsorption_energy", "")),
            quantity="quantity",
        ),
    ),
    StudyKind(
        name="convergence",
        says="convergence with cutoffs and k-points",
        model="azibflow.campaigns.studies.convergence:ConvergenceStudy",
        result="azibflow.workflows.convergence.results:ConvergenceResult",
        table="azibflow.analysis.tables.convergence:convergence_table",
        jobs=("azibflow.workflows.convergence",),
        figure="azibflow.analysis.figures.convergence:draw_convergence",
        figure_says="changes from the finest setting, in units of what is near enough",
        endings=PICTURES,
    ),
    StudyKind(
        name="surrogate",
        says="errors of trained surrogates on systems kept from training",
        model="azibflow.campaigns.studies.surrogate:SurrogateStudy",
        result="azibflow.workflows.surrogate.publication:SurrogateResult",
        table="azibflow.analysis.tables.surrogate:surrogates_table",
        jobs=("azibflow.workflows.surrogate",),
        figure="azibflow.analysis.figures.surrogate:draw_surrogate",
        figure_says="errors on systems kept from training",
        endings=PICTURES,
        also=("surrogates",),
    ),
)
"""The kinds of this package, in the order of tables."""


@cache
def study_kinds() -> dict[str, StudyKind]:
    """Return all kinds of studies by name: those of this package, then those of others."""
    kinds = {kind.name: kind for kind in BUILT_IN}
    for plugin in plugins(GROUP):
        kind = plugin.value
        taken = {*TAKEN, *(name for known in kinds.values() for name in (known.name, *known.also))}
        if not isinstance(kind, StudyKind):
            refuse(GROUP, plugin.name, plugin.distribution, f"it names a {type(kind).__name__}, not a StudyKind")
        elif again := taken & {kind.name, *kind.also}:
            refuse(GROUP, plugin.name, plugin.distribution, f"the name {min(again)} is taken")
        else:
            kinds[kind.name] = kind
    return kinds


def study_kind(name: str) -> StudyKind | None:
    """Return the kind of a name or of one of its other names; none when there is no such kind."""
    return next((kind for kind in study_kinds().values() if name in (kind.name, *kind.also)), None)
