answer = round(sodium - (chloride + bicarbonate), 1)
