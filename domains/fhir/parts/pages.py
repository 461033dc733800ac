def every(kind, **criteria):
    url, found = f"{BASE}/{kind}", []
    while url:
        page = session.get(url, params=criteria, timeout=20).json()
        found += [entry["resource"] for entry in page.get("entry", [])]
        links = {link["relation"]: link["url"] for link in page.get("link", [])}
        url, criteria = links.get("next"), {}
    return found
