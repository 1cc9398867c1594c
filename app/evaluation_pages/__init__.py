"""The page of an evaluation: a folder that opens in any browser, without a network, in light and dark.

``index.html`` tells the figures and shows the worst and the best pictures; beside it lie ``figures.json``, the CSV
sheets and the pictures' files.
"""

from app.evaluation_pages.folder import write_pages
from app.evaluation_pages.page import PageTitle

__all__ = ["PageTitle", "write_pages"]
