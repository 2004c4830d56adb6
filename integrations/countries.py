"""Which country a text in an address means, as an ISO 3166 alpha-2 region.

Salesforce stores a code where the org uses state and country picklists and free text elsewhere;
the numbers on a record are read with its own country (RULES B1). A name that is not listed is
simply not known: the workspace's region is used instead.
"""

from __future__ import annotations

from integrations.phones import is_region

_NAMES = {
    "AE": "united arab emirates|uae",
    "AR": "argentina",
    "AT": "austria|österreich",
    "AU": "australia",
    "BE": "belgium|belgië|belgique",
    "BG": "bulgaria",
    "BR": "brazil|brasil",
    "CA": "canada",
    "CH": "switzerland|schweiz|suisse|svizzera",
    "CL": "chile",
    "CN": "china",
    "CO": "colombia",
    "CZ": "czech republic|czechia",
    "DE": "germany|deutschland",
    "DK": "denmark|danmark",
    "EE": "estonia",
    "EG": "egypt",
    "ES": "spain|españa",
    "FI": "finland|suomi",
    "FR": "france",
    "GB": "united kingdom|uk|great britain|england|scotland|wales|northern ireland",
    "GR": "greece",
    "HK": "hong kong",
    "HR": "croatia",
    "HU": "hungary",
    "ID": "indonesia",
    "IE": "ireland",
    "IL": "israel",
    "IN": "india",
    "IS": "iceland",
    "IT": "italy|italia",
    "JP": "japan",
    "KE": "kenya",
    "KR": "south korea|korea, republic of",
    "LT": "lithuania",
    "LU": "luxembourg",
    "LV": "latvia",
    "MA": "morocco",
    "MX": "mexico|méxico",
    "MY": "malaysia",
    "NG": "nigeria",
    "NL": "netherlands|the netherlands|nederland|holland",
    "NO": "norway|norge",
    "NZ": "new zealand",
    "PE": "peru|perú",
    "PH": "philippines",
    "PL": "poland|polska",
    "PT": "portugal",
    "RO": "romania",
    "RS": "serbia",
    "SA": "saudi arabia",
    "SE": "sweden|sverige",
    "SG": "singapore",
    "SI": "slovenia",
    "SK": "slovakia",
    "TH": "thailand",
    "TR": "turkey|türkiye",
    "TW": "taiwan",
    "UA": "ukraine",
    "US": "united states|united states of america|usa|u.s.a.|u.s.|america",
    "VN": "vietnam|viet nam",
    "ZA": "south africa",
}
_REGION_BY_NAME = {name: code for code, names in _NAMES.items() for name in names.split("|")}


def region_name(region: str) -> str | None:
    """What a region is called in English ("United States"), or None where it is not listed."""
    names = _NAMES.get(region.upper())
    return names.partition("|")[0].title() if names else None


def find_region(country: str | None) -> str | None:
    """The region that a country code or name means, or None when it is empty or not known."""
    text = (country or "").strip()
    return text.upper() if is_region(text) else _REGION_BY_NAME.get(text.casefold())
