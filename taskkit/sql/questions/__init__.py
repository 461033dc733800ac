"""Questions over a clinical database, with SQL that answers them."""
