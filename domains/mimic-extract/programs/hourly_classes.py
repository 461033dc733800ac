import pandas as pd
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

hours = pd.read_csv(f"{FOLDER}/{FEATURES}").drop(columns="prediction_time", errors="ignore")
train = pd.read_csv(f"{FOLDER}/{TRAIN}", index_col=KEY)["label"]
asked = pd.read_csv(f"{FOLDER}/{ROWS}", index_col=KEY).index

stays = hours.drop(columns="hour").groupby(KEY).mean()
often = hours.drop(columns="hour").notna().groupby(hours[KEY]).sum().add_suffix("_hours")
stays = stays.loc[:, stays.notna().mean() >= 0.1]  # what is rarely measured says little
stays = stays.join(often[stays.columns + "_hours"])
model = make_pipeline(SimpleImputer(), StandardScaler(), LogisticRegression(C=0.003, max_iter=1000))
model.fit(stays.loc[train.index], train)
shares = model.predict_proba(stays.loc[asked])
predictions = pd.DataFrame(shares, index=asked, columns=model.classes_)[OUTPUTS]
