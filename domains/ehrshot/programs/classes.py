import pandas as pd
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

record = pd.read_csv(f"{FOLDER}/{FEATURES}", index_col=KEY)
record = record.drop(columns="prediction_time", errors="ignore")
train = pd.read_csv(f"{FOLDER}/{TRAIN}", index_col=KEY)["label"]
asked = pd.read_csv(f"{FOLDER}/{ROWS}", index_col=KEY).index

model = make_pipeline(SimpleImputer(), StandardScaler(), LogisticRegression(C=0.02, max_iter=1000))
model.fit(record.loc[train.index], train)
if DECISION:
    predictions = pd.DataFrame({OUTPUTS[0]: model.predict(record.loc[asked])}, index=asked)
else:
    shares = model.predict_proba(record.loc[asked])
    predictions = pd.DataFrame(shares, index=asked, columns=model.classes_)[OUTPUTS]
