"""The time zone that an address tells, where its state or province lies in one zone. Pure.

Codes and names as Salesforce's lists of states write them. What is split between zones stands here
under none of them: the number decides there.
"""

from collections.abc import Mapping

_STATES: Mapping[str, Mapping[str, str]] = {
    "US": {
        "America/New_York": (
            "CT Connecticut|DC District of Columbia|DE Delaware|GA Georgia|MA Massachusetts|"
            "MD Maryland|ME Maine|NC North Carolina|NH New Hampshire|NJ New Jersey|NY New York|"
            "OH Ohio|PA Pennsylvania|RI Rhode Island|SC South Carolina|VA Virginia|VT Vermont|"
            "WV West Virginia"
        ),
        "America/Chicago": (
            "AL Alabama|AR Arkansas|IA Iowa|IL Illinois|LA Louisiana|MN Minnesota|MO Missouri|"
            "MS Mississippi|OK Oklahoma|WI Wisconsin"
        ),
        "America/Denver": "CO Colorado|MT Montana|NM New Mexico|UT Utah|WY Wyoming",
        "America/Phoenix": "AZ Arizona",
        "America/Los_Angeles": "CA California|NV Nevada|WA Washington",
        "Pacific/Honolulu": "HI Hawaii",
    },
    "CA": {
        "America/Halifax": "NB New Brunswick|NS Nova Scotia|PE Prince Edward Island",
        "America/Winnipeg": "MB Manitoba",
        "America/Edmonton": "AB Alberta",
        "America/Vancouver": "BC British Columbia",
    },
    "AU": {
        "Australia/Sydney": "NSW New South Wales|ACT Australian Capital Territory",
        "Australia/Melbourne": "VIC Victoria",
        "Australia/Brisbane": "QLD Queensland",
        "Australia/Adelaide": "SA South Australia",
        "Australia/Darwin": "NT Northern Territory",
        "Australia/Hobart": "TAS Tasmania",
        "Australia/Perth": "WA Western Australia",
    },
}
_ZONES = {
    (country, word.casefold()): zone
    for country, zones in _STATES.items()
    for zone, states in zones.items()
    for state in states.split("|")
    for word in (state.partition(" ")[0], state.partition(" ")[2])
}


def zone_of_address(country: str, state: str) -> str | None:
    """The zone (IANA) of a state, by its code or name, in a country by its code; None if unsure."""
    return _ZONES.get((country, state.strip().casefold()))
