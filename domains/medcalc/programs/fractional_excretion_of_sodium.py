answer = round(100 * (urine_sodium / sodium) / (urine_creatinine / creatinine), 2)
