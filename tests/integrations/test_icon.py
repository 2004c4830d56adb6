"""The icon that browsers ask for by themselves."""

from django.test import Client


def test_browsers_find_an_icon_on_every_page(client: Client) -> None:
    response = client.get("/favicon.ico")
    assert response.status_code == 302
    assert response["Location"].endswith(".svg")
    assert client.post("/favicon.ico").status_code == 405
