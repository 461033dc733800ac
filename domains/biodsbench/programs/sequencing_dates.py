dates = pd.to_datetime(samples["SEQUENCING_DATE"])
kind = samples[samples["SAMPLE_TYPE"] == sample_type]
late = dates.dt.year >= year
answer = {
    "first": str(dates[kind.index].min().date()),
    "last": str(dates[kind.index].max().date()),
    "since": int(late[kind.index].sum()),
    "span": int((dates.max() - dates.min()).days),
}
