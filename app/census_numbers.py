"""A census of queries as rows: one a query, and one a firing."""

from typing import Any

import numpy as np

from core.explain.census import Census

Row = dict[str, Any]
TOP_CLASSES = 5


def query_rows(census: Census) -> list[Row]:
    """One row a query, by number; sizes and places are shares, empty where it never fired."""
    return [_query_row(census, query) for query in range(len(census.classes))]


def firing_rows(census: Census) -> list[Row]:
    """One row for each query in each picture's result."""
    return [
        {
            "picture": picture.name,
            "query": firing.query,
            "category_id": census.taxonomy[firing.class_index].category_id,
            "class": census.taxonomy[firing.class_index].name,
            "score": firing.score,
            "area": firing.area,
            "x": firing.centre_xy[0],
            "y": firing.centre_xy[1],
        }
        for picture in census.pictures
        for firing in picture.firings
    ]


def census_facts(census: Census) -> Row:
    """Everything, for JSON."""
    rows = query_rows(census)
    for row, counts in zip(rows, census.classes.tolist(), strict=True):
        names = [category.name for category in census.taxonomy.categories]
        row["classes"] = {name: count for name, count in zip(names, counts, strict=True) if count}
        row["footprint"] = census.footprints[row["query"]].round(4).tolist()
    return {
        "pictures": len(census.pictures),
        "queries_that_fire": int((census.fires > 0).sum()),
        "queries_behind_half_of_the_firings": census.busiest(0.5),
        "queries_behind_most_of_the_firings": census.busiest(0.9),
        "queries": rows,
        "firings": firing_rows(census),
    }


def _query_row(census: Census, query: int) -> Row:
    firings = [firing for _, firing in census.firings_of(query)]
    areas = np.array([firing.area for firing in firings])
    centres = np.array([firing.centre_xy for firing in firings]).reshape(-1, 2)
    order = np.argsort(-census.classes[query], kind="stable")[:TOP_CLASSES].tolist()
    best = [index for index in order if census.classes[query, index]]
    return {
        "query": query,
        "fires": len(firings),
        "share": len(firings) / max(1, len(census.pictures)),
        "class": census.taxonomy[best[0]].name if best else None,
        "class_share": int(census.classes[query, best[0]]) / len(firings) if best else None,
        "mean_area": float(areas.mean()) if firings else None,
        "least_area": float(areas.min()) if firings else None,
        "largest_area": float(areas.max()) if firings else None,
        "mean_x": float(centres[:, 0].mean()) if firings else None,
        "mean_y": float(centres[:, 1].mean()) if firings else None,
    }
