"""The annotations by which a calculator's signature states unit and range."""

from __future__ import annotations

from typing import Annotated, Literal

from taskkit.spec import quantity as of

MIN_ADULT = 18  # years

Sex = Literal["female", "male"]

Age = Annotated[float, of.AGE]
AdultAge = Annotated[float, of.AGE.within(low=MIN_ADULT)]
Weight = Annotated[float, of.WEIGHT]
Height = Annotated[float, of.HEIGHT]
BodyMassIndex = Annotated[float, of.BODY_MASS_INDEX]
Temperature = Annotated[float, of.TEMPERATURE]
HeartRate = Annotated[float, of.HEART_RATE]
RespiratoryRate = Annotated[float, of.RESPIRATORY_RATE]
Systolic = Annotated[float, of.SYSTOLIC]
Diastolic = Annotated[float, of.DIASTOLIC]
MeanPressure = Annotated[float, of.MEAN_PRESSURE]
QtInterval = Annotated[float, of.QT]
OxygenSaturation = Annotated[float, of.OXYGEN_SATURATION]
InspiredOxygen = Annotated[float, of.INSPIRED_OXYGEN]
ArterialOxygen = Annotated[float, of.ARTERIAL_OXYGEN]
ArterialCarbonDioxide = Annotated[float, of.ARTERIAL_CARBON_DIOXIDE]
OxygenGradient = Annotated[float, of.OXYGEN_GRADIENT]
Ph = Annotated[float, of.PH]
ComaScore = Annotated[float, of.COMA_SCORE]
Sodium = Annotated[float, of.SODIUM]
Potassium = Annotated[float, of.POTASSIUM]
Chloride = Annotated[float, of.CHLORIDE]
Bicarbonate = Annotated[float, of.BICARBONATE]
Calcium = Annotated[float, of.CALCIUM]
Creatinine = Annotated[float, of.CREATININE]
UreaNitrogen = Annotated[float, of.UREA_NITROGEN]
Glucose = Annotated[float, of.GLUCOSE]
Albumin = Annotated[float, of.ALBUMIN]
Bilirubin = Annotated[float, of.BILIRUBIN]
Inr = Annotated[float, of.INR]
AspartateTransaminase = Annotated[float, of.ASPARTATE_TRANSAMINASE]
AlanineTransaminase = Annotated[float, of.ALANINE_TRANSAMINASE]
Insulin = Annotated[float, of.INSULIN]
Cholesterol = Annotated[float, of.CHOLESTEROL]
HdlCholesterol = Annotated[float, of.HDL_CHOLESTEROL]
Triglycerides = Annotated[float, of.TRIGLYCERIDES]
Platelets = Annotated[float, of.PLATELETS]
WhiteCells = Annotated[float, of.WHITE_CELLS]
Haemoglobin = Annotated[float, of.HAEMOGLOBIN]
Haematocrit = Annotated[float, of.HAEMATOCRIT]
UrineSodium = Annotated[float, of.URINE_SODIUM]
UrineCreatinine = Annotated[float, of.URINE_CREATININE]
UrineOutput = Annotated[float, of.URINE_OUTPUT]
Infusion = Annotated[float, of.INFUSION]
Drinks = Annotated[float, of.DRINKS]
CycleLength = Annotated[float, of.CYCLE]
