"""The settings of another SPARQL endpoint. Secrets are read here once, and shown nowhere."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from kg.message import UserError

if TYPE_CHECKING:  # HTTP, for those alone who ask another endpoint
    from kg.remote import Endpoint


def endpoint_of(environment: Mapping[str, str]) -> "Endpoint | None":
    """What SHIRUBE_ENDPOINT and its companions say, or None without it.

    `_UPDATE` is where it takes updates, `_TOKEN` a bearer token, `_USER` and `_PASSWORD` are for a
    Basic or Digest challenge. Raises `UserError` naming the variable that does not fit, never its
    value.
    """
    name = "SHIRUBE_ENDPOINT"
    url = environment.get(name)
    if not url:
        return None
    from kg.remote import Endpoint
    from kg.remote_client import Credentials

    for secret in (f"{name}_TOKEN", f"{name}_USER", f"{name}_PASSWORD"):
        if not environment.get(secret, "").isprintable():
            raise UserError(
                ja=f"環境変数 {secret} に、ヘッダーに書けない文字（改行など）があります。",
                en=f"The environment variable {secret} has a character, such as a line break, "
                "that no header can hold.",
            )
    endpoint = Endpoint(
        url,
        environment.get(f"{name}_UPDATE") or None,
        Credentials(
            token=environment.get(f"{name}_TOKEN") or None,
            user=environment.get(f"{name}_USER") or None,
            password=environment.get(f"{name}_PASSWORD") or None,
        ),
    )
    try:
        endpoint.open()
    except ValueError:
        raise UserError(
            ja=f"環境変数 {name} と {name}_UPDATE は http:// か https:// で始まる URL にして"
            f"ください。利用者名とパスワードは {name}_USER と {name}_PASSWORD に書きます。",
            en=f"The environment variables {name} and {name}_UPDATE take an http:// or https:// "
            f"URL; user and password go in {name}_USER and {name}_PASSWORD.",
        ) from None
    return endpoint
