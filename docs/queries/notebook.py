"""The query book as a notebook: `marimo edit docs/queries/notebook.py`, or `marimo run` to ask alone.

It asks the copy for analysts of NTE_HOME, read-only. Needs the extra `notebook`: pip install '.[notebook]'.
"""

import marimo

__generated_with = "0.25.2"
app = marimo.App(width="medium", app_title="The query book")

with app.setup:
    import marimo as mo

    from cli.query import read_book
    from nte.settings import Settings
    from nte.warehouse import read_published

    copy = Settings().published_file
    book = {query.title.rstrip("."): query for query in read_book()}


@app.cell
def _():
    question = mo.ui.dropdown(options=list(book), value=next(iter(book)), label="Question", full_width=True)
    question  # noqa: B018
    return (question,)


@app.cell
def _(question):
    chosen = book[question.value]
    mo.md(
        f"**Answers:** {chosen.answers}\n\n**Does not answer:** {chosen.does_not}\n\n```sql\n{chosen.sql}\n```"
    )
    return (chosen,)


@app.cell
def _(chosen):
    answer = read_published(copy, chosen.sql)
    mo.ui.table(answer, selection=None, page_size=20)
    return (answer,)


@app.cell(hide_code=True)
def _():
    mo.md("""
    Counts are exact: for the partnership's authorised analysts. Null is unknown, not zero. The sources are never added
    up, nor are two definitions. Below, a question of your own.
    """)
    return  # noqa: PLR1711


@app.cell
def _():
    own = mo.ui.code_editor(value="FROM start_here LIMIT 20", language="sql")
    own  # noqa: B018
    return (own,)


@app.cell
def _(own):
    mo.ui.table(read_published(copy, own.value), selection=None, page_size=20)
    return  # noqa: PLR1711


if __name__ == "__main__":
    app.run()
