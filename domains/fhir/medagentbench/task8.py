request("http://snomed.info/sct", "306181000000106", note=[{"text": text}])
