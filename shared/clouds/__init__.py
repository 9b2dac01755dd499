"""The only place that imports a cloud SDK: one module per port."""
