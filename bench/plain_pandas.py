"""The peer: a plain pandas script that reads the same files and counts the same nights, and nothing else.

No checks, no revisions, no coverage, no free text: what a person would write in an afternoon. With `--fit` it also fits
a default Prophet to each series of a town centre that has incidents to speak of, and asks it for the coming weekend; of
the places that A&E names it takes the most frequent, one a town centre.
`python -m bench.plain_pandas INBOX CENTRES.geojson [--fit]`
"""

import json
import sys
from pathlib import Path

import pandas as pd

NTE = ["1", "2", "4.1", "4.2", "5D", "5E", "8N", "8N/20", "8P", "105A", "105B", "34B"]


def newest(inbox: Path, source: str, key: str) -> pd.DataFrame:
    """Return the highest version of every record."""
    files = sorted(inbox.glob(f"{source}/*.csv"))
    frame = pd.concat([pd.read_csv(path, dtype=str) for path in files])
    frame["record_version"] = frame["record_version"].astype(int)
    return frame.sort_values("record_version").drop_duplicates(key, keep="last")


def evenings(times: pd.Series) -> pd.Series:
    """Return the evening of each night-time instant, NaT by day."""
    at = pd.to_datetime(times)
    return (at - pd.Timedelta(hours=12)).dt.normalize().where((at.dt.hour >= 18) | (at.dt.hour < 6))


def centres_of(frame: pd.DataFrame, circles: list[dict[str, float]]) -> pd.Series:
    """Return the centre of each point."""
    x, y = frame["easting"].astype(float), frame["northing"].astype(float)
    found = pd.Series("outside", index=frame.index)
    for circle in circles:
        found[(x - circle["x"]) ** 2 + (y - circle["y"]) ** 2 <= circle["radius_m"] ** 2] = circle[
            "centre_code"
        ]
    return found


LEAST_INCIDENTS = 30
"""In a series of fewer there is nothing to fit."""


def fit(sources: list[pd.DataFrame], n_centres: int) -> int:
    """Fit one default Prophet a series, as its manual says; return how many."""
    import logging

    from prophet import Prophet

    logging.getLogger("cmdstanpy").disabled = True
    n_fitted = 0
    for source in sources:
        last = source["evening"].max()
        by_night = source[~source["centre"].isin(["outside", ""])].dropna(subset="evening")
        for centre, n_incidents in by_night["centre"].value_counts().head(n_centres).items():
            if n_incidents >= LEAST_INCIDENTS:
                series = by_night[by_night["centre"] == centre]
                nights = pd.date_range(series["evening"].min(), last)
                counts = series.groupby("evening").size().reindex(nights, fill_value=0)
                model = Prophet().fit(pd.DataFrame({"ds": nights, "y": counts.to_numpy()}))
                model.predict(model.make_future_dataframe(3, include_history=False))
                n_fitted += 1
    return n_fitted


def main() -> None:
    """Count, and print the total."""
    inbox = Path(sys.argv[1])
    circles = [f["properties"] for f in json.loads(Path(sys.argv[2]).read_text())["features"]]
    police = newest(inbox, "police", "crime_ref")
    police = police[police["ho_code"].isin(NTE) & police["status"].isin(["recorded", "reclassified"])]
    police = police[police["flag_domestic"] != "Y"].drop_duplicates("occurrence_ref")
    police["evening"], police["centre"] = evenings(police["committed_from"]), centres_of(police, circles)
    emas = newest(inbox, "emas", "incident_ref")
    emas = emas[
        emas["violence_class"].isin(["assault", "penetrating"])
        & emas["outcome"].isin(["conveyed", "see_and_treat"])
    ]
    emas["evening"], emas["centre"] = evenings(emas["call_connect_at"]), centres_of(emas, circles)
    ae = newest(inbox, "ae", "attendance_ref")
    ae["evening"], ae["centre"] = (
        evenings(ae["assault_at"].fillna(ae["arrival_at"])),
        ae["place_text"].fillna(""),
    )
    total = sum(
        len(f.dropna(subset="evening").groupby(["evening", "centre"]).size()) for f in (police, emas, ae)
    )
    print(f"{total:,} centre-nights with incidents")
    if "--fit" in sys.argv:
        print(f"{fit([police, emas, ae], len(circles))} series fitted")


if __name__ == "__main__":
    main()
