"""The page: where every route and link stands, as HTML. Loaded only when somebody asks for it."""
