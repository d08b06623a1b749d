"""Gradual interventions in a result: what is judged, said and shown of properties."""
