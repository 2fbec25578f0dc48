"""What the demo's platform tells of orders: of things that the shops sell."""

import pytest

from config.demo.platform import words_of
from config.demo.shops import SHOPS, Shop
from config.demo.texts import texts_in
from sellers.enums import Language


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("shop", SHOPS, ids=lambda shop: shop.name)
def test_everything_that_is_sold_is_in_the_catalogue(shop: Shop, language: Language) -> None:
    assert set(words_of(shop, language)) <= set(texts_in(language).catalogue)


@pytest.mark.parametrize("language", Language)
def test_everything_in_the_catalogue_is_sold(language: Language) -> None:
    sold = {word for shop in SHOPS for word in words_of(shop, language)}

    assert set(texts_in(language).catalogue) == sold
