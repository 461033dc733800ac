(wrong,) = [one for one in counted(person(), loinc) if one["effectiveDateTime"].startswith(day)]
answer = wrong["valueQuantity"]["value"]
change(
    {**wrong, "status": "corrected", "valueQuantity": {**wrong["valueQuantity"], "value": value}}
)
