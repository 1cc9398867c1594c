"""All recipes by name."""

from core.messages import StudioError
from core.training.nuclei_recipes import NUCLEI_RECIPES
from core.training.published_recipes import PUBLISHED_RECIPES
from core.training.recipe import Recipe
from core.training.street_recipes import STREET_RECIPES

RECIPES: dict[str, Recipe] = {recipe.name: recipe for recipe in (*STREET_RECIPES, *NUCLEI_RECIPES, *PUBLISHED_RECIPES)}


def recipe_named(name: str) -> Recipe:
    """The recipe of a name; raises StudioError with the known names where there is none."""
    if name not in RECIPES:
        raise StudioError("error.unknown_recipe", name=name, known=", ".join(RECIPES))
    return RECIPES[name]
