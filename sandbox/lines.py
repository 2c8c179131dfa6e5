"""What a session is asked to sell and ship: line items and shipping rates, checked and built."""

from typing import Any

from sandbox import money, objects
from sandbox.box import Sandbox
from sandbox.errors import invalid, missing, unsupported
from sandbox.params import bracketed, web_address

Json = dict[str, Any]

_MAX_LINES = 100
_MAX_SHIPPING_OPTIONS = 5


def build_lines(box: Sandbox, wanted: list[Json]) -> list[Json]:
    """The line items, priced and totalled, all in one currency; products are kept in ``description`` and ``private``."""
    if not wanted:
        raise invalid("You must pass at least one line item.", param="line_items", code="parameter_missing")
    _at_most(wanted, _MAX_LINES, "line_items")
    lines = [_line(box, line, index) for index, line in enumerate(wanted)]
    if len({line["currency"] for line in lines}) > 1:
        message = "All line items in a Checkout Session must have the same currency."
        raise invalid(message, param="line_items")
    return lines


def build_rates(box: Sandbox, wanted: list[Json], currency: str) -> list[Json]:
    """The inline shipping rates, in the session's currency."""
    _at_most(wanted, _MAX_SHIPPING_OPTIONS, "shipping_options")
    return [_rate(box, option, index, currency) for index, option in enumerate(wanted)]


def _line(box: Sandbox, wanted: Json, index: int) -> Json:
    where = ("line_items", index)
    if "price" in wanted:
        raise missing("price", wanted["price"], param=bracketed((*where, "price")))
    data = wanted.get("price_data")
    if data is None:
        raise _lacks((*where, "price_data"))
    if "recurring" in data:
        raise unsupported(bracketed((*where, "price_data", "recurring")), "recurring prices.")
    if "product" in data:
        raise missing("product", data["product"], param=bracketed((*where, "price_data", "product")))
    product = _product(data, (*where, "price_data"))
    currency = money.check_currency(data["currency"], bracketed((*where, "price_data", "currency")))
    amount = _at_least(data.get("unit_amount"), 0, (*where, "price_data", "unit_amount"))
    quantity = _at_least(wanted.get("quantity"), 1, (*where, "quantity"))
    line = objects.line_item()
    line |= {"id": box.ids.new("li_"), "currency": currency, "quantity": quantity, "description": product["name"]}
    line |= {"amount_subtotal": amount * quantity, "amount_total": amount * quantity, "metadata": wanted.get("metadata", {})}
    line["price"] |= {"id": box.ids.new("price_"), "currency": currency, "product": box.ids.new("prod_", 14)}
    line["price"] |= {"unit_amount": amount, "unit_amount_decimal": str(amount), "created": box.clock.stamp()}
    line["price"] |= {"tax_behavior": data.get("tax_behavior", "unspecified")}
    box.store.put("private.product", product, line["price"]["product"])
    return line


def _product(data: Json, where: tuple[object, ...]) -> Json:
    product: Json = data.get("product_data") or {}
    if not product:
        raise _lacks((*where, "product_data"))
    if not product["name"].strip():
        raise invalid("The product's name must not be empty.", param=bracketed((*where, "product_data", "name")))
    images = product.get("images") or []
    _at_most(images, 8, bracketed((*where, "product_data", "images")))
    for number, image in enumerate(images):
        web_address(image, bracketed((*where, "product_data", "images", number)))
    shown = {"name": product["name"], "description": product.get("description"), "images": images}
    return shown | {"tax_code": product.get("tax_code")}


def _rate(box: Sandbox, option: Json, index: int, currency: str) -> Json:
    where = ("shipping_options", index)
    if "shipping_rate" in option:
        raise missing("shipping_rate", option["shipping_rate"], param=bracketed((*where, "shipping_rate")))
    data = option.get("shipping_rate_data")
    if data is None:
        raise _lacks((*where, "shipping_rate_data"))
    if data.get("fixed_amount") is None:
        raise _lacks((*where, "shipping_rate_data", "fixed_amount"))
    price = data["fixed_amount"]
    amount = _at_least(price["amount"], 0, (*where, "shipping_rate_data", "fixed_amount", "amount"))
    if price["currency"].lower() != currency:
        param = bracketed((*where, "shipping_rate_data", "fixed_amount", "currency"))
        raise invalid(f"The shipping rate's currency must be the session's: {currency}.", param=param)
    rate = objects.shipping_rate()
    rate |= {"id": box.ids.new("shr_"), "created": box.clock.stamp(), "display_name": data["display_name"]}
    rate |= {"fixed_amount": {"amount": amount, "currency": currency}, "metadata": data.get("metadata") or {}}
    rate |= {"delivery_estimate": _estimate(data.get("delivery_estimate"))}
    rate |= {"tax_behavior": data.get("tax_behavior", "unspecified"), "tax_code": data.get("tax_code")}
    box.store.put("shipping_rate", rate)
    return rate


def _estimate(wanted: Json | None) -> Json | None:
    return {"maximum": wanted.get("maximum"), "minimum": wanted.get("minimum")} if wanted else None


def _at_least(value: int | None, least: int, path: tuple[object, ...]) -> int:
    if value is None:
        raise _lacks(path)
    if value < least:
        message = f"This value must be greater than or equal to {least}."
        raise invalid(message, param=bracketed(path), code="parameter_invalid_integer")
    return value


def _at_most(values: list[Any], most: int, param: str) -> None:
    if len(values) > most:
        raise invalid(f"Array {param} exceeded maximum {most} allowed elements.", param=param)


def _lacks(path: tuple[object, ...]) -> Exception:
    name = bracketed(path)
    return invalid(f"Missing required param: {name}.", param=name, code="parameter_missing")
