"""A Salesforce org on the wire: OAuth, REST, SOQL, SOSL, and pages of what it holds."""
