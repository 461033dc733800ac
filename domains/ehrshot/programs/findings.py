import pandas as pd
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

record = pd.read_csv(f"{FOLDER}/{FEATURES}", index_col=KEY)
record = record.drop(columns="prediction_time", errors="ignore")
train = pd.read_csv(f"{FOLDER}/{TRAIN}", index_col=KEY)[OUTPUTS]
asked = pd.read_csv(f"{FOLDER}/{ROWS}", index_col=KEY).index

prepare = make_pipeline(SimpleImputer(), StandardScaler()).fit(record.loc[train.index])
known, hidden = prepare.transform(record.loc[train.index]), prepare.transform(record.loc[asked])
predictions = pd.DataFrame(index=asked)
for finding in OUTPUTS:
    model = LogisticRegression(C=0.02, max_iter=1000).fit(known, train[finding])
    predictions[finding] = model.predict_proba(hidden)[:, 1]
