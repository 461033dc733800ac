"""What a reply costs: by the user's table first, then by published prices."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Protocol

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from taskkit.agents.protocol import Usage
from taskkit.errors import UsageError

MILLION = 1_000_000


class Price(BaseModel):
    """US dollars per million tokens."""

    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)

    input: float = Field(ge=0)
    """Of the request."""
    output: float = Field(ge=0)
    """Of the reply."""
    cached: float | None = Field(default=None, ge=0)
    """Of the request, what the endpoint had cached; as `input` where not given."""

    def of(self, usage: Usage) -> float:
        """Give what a reply costs, US dollars."""
        cached = self.input if self.cached is None else self.cached
        fresh = usage.input_tokens - usage.cached_tokens
        spent = (
            fresh * self.input + usage.cached_tokens * cached + usage.output_tokens * self.output
        )
        return spent / MILLION


TABLE: TypeAdapter[dict[str, Price]] = TypeAdapter(dict[str, Price])


class Pricing(Protocol):
    """Gives the usage of a reply with its cost."""

    def __call__(self, usage: Usage) -> Usage:
        """Put the cost to a usage; None where it is not known."""
        ...


def read_prices(path: Path) -> dict[str, Price]:
    """Read a user's table, YAML or JSON: model, then `input`, `output` and `cached`.

    Raises:
        UsageError: the file cannot be read, or is no such table.
    """
    import yaml

    try:
        return TABLE.validate_python(yaml.safe_load(path.read_text("utf-8")))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise UsageError(f"--prices {path}: cannot be read: {error}") from error
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"]))
        raise UsageError(
            f"--prices {path}: {where}: {first['msg']}: need `MODEL: {{input: 0.5, output: 1.5}}`,"
            " in dollars per million tokens"
        ) from error


def pricing(model: str, base_url: str, table: dict[str, Price]) -> Pricing | None:
    """Give what prices a model's replies; None where nobody knows its price.

    Published prices count only where the endpoint is the provider's own.
    """
    if model in table:
        return _Tabled(table[model])
    published = _Published(model, base_url)
    known = published(Usage(input_tokens=1, output_tokens=1)).cost is not None
    return published if known else None


class _Tabled:
    """By a price of the user's."""

    def __init__(self, price: Price) -> None:
        self.price = price

    def __call__(self, usage: Usage) -> Usage:
        return replace(usage, cost=self.price.of(usage))


class _Published:
    """By the prices that come with `genai-prices`."""

    def __init__(self, model: str, base_url: str) -> None:
        self.model, self.base_url = model, base_url

    def __call__(self, usage: Usage) -> Usage:
        try:
            import genai_prices
        except ImportError:
            return usage
        asked = genai_prices.Usage(
            input_tokens=usage.input_tokens,
            cache_read_tokens=usage.cached_tokens,
            output_tokens=usage.output_tokens,
        )
        try:
            found = genai_prices.calc_price(asked, self.model, provider_api_url=self.base_url)
        except (LookupError, ValueError):
            return usage
        return replace(usage, cost=float(found.total_price))
