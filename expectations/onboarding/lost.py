"""What is lost without a role that no column plays, and the roles that a section has lost. Pure."""

from typing import Final

from nte.area import Source

LOST: Final = {
    "incident_id": "every record is an incident of its own",
    "record_version": "which of two versions is the truth is known by their deliveries alone",
    "state": "a record that was withdrawn still counts",
    "event_to": "how long the time of an event is uncertain is not known, and its start alone places it",
    "fallback_at": "a record whose event has no time is in no night",
    "time_precision": "a time that was guessed counts as if it were known",
    "place_text": "a record without coordinates is in no town centre",
    "centre": "a record without coordinates is in no town centre",
    "site_code": "which hospital saw the patient is not known, nor that one of them is silent",
    "district": "a record without coordinates is in no district",
    "is_domestic": "domestic violence is counted with the rest",
    "has_knife": "what counts only with a knife is not counted",
    "has_alcohol": "there are no figures of alcohol",
    "age_group": "there are no figures by age",
    "location_group": "there are no figures by kind of place",
    "method_group": "there are no figures by the way of the assault",
    "is_police_informed": "what the police were not told of is not known",
    "hospital_code": "there are no figures by hospital",
    "triage_system": "a change of the call's system is not seen",
}
"""By role; those without which nothing is counted, and coordinates, are said otherwise."""
OF_A_TIME: Final = "what is impossible of it is not seen"
OF_KIND: Final = {
    "police": (
        *(
            "incident_id",
            "record_version",
            "state",
            "event_to",
            "district",
            "is_domestic",
            "has_knife",
            "has_alcohol",
        ),
        *("age_group", "location_group"),
    ),
    "ambulance": ("record_version", "state", "has_alcohol", "location_group"),
    "hospital": (
        *(
            "record_version",
            "fallback_at",
            "time_precision",
            "place_text",
            "site_code",
            "age_group",
            "location_group",
        ),
        *("method_group", "is_police_informed"),
    ),
    "other": (),
}
"""The roles that an export of a kind may have, and whose values can be read without words of the section."""


def what_is_lost(role: str) -> str:
    """Return what is lost without a role; empty for those that are said otherwise."""
    return OF_A_TIME if role.startswith("time:") else LOST.get(role, "")


def with_lost_roles(source: Source) -> Source:
    """Return a source with the roles that its kind has and its section has left out, each under its own name."""
    needs = {"site_code": source.sites, "time_precision": source.known_precisions}
    lost = [r for r in OF_KIND[source.kind] if getattr(source.columns, r) is None and needs.get(r, True)]
    columns = source.columns.model_copy(update={role: role for role in lost})
    return source.model_copy(update={"columns": columns})
