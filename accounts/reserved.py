"""Words that no user, team or organization is called."""

# fmt: off
RESERVED_NAMES = frozenset(
    (
        "about", "account", "accounts", "admin", "api", "app", "apps", "artifacts",
        "artifactsv2", "assets", "audit", "auth", "authorize", "automations", "billing",
        "blog", "collections", "compare", "contact", "cookies", "core", "css",
        "dashboard", "data", "dataset", "datasets", "debug", "demo", "docs", "download",
        "downloads", "events", "explore", "favicon.ico", "files", "graphql", "health",
        "healthz", "help", "home", "hooks", "images", "img", "integrations",
        "invitations", "invite", "jobs", "join", "js", "legal", "lineage", "live",
        "login", "logout", "media", "members", "metrics", "model", "models", "new",
        "news", "none", "null", "oauth", "oidc", "org", "organization", "organizations",
        "orgs", "people", "ping", "pricing", "privacy", "profile", "projects", "public",
        "ready", "registries", "registry", "robots.txt", "runs", "saml", "scim",
        "sdk", "search", "security", "self", "service-accounts", "sessions", "settings",
        "setup", "sign-in", "sign-out", "sign-up", "signin", "signup", "site",
        "sitemap.xml", "staff", "static", "status", "storage", "support", "sweeps",
        "system", "tags", "team", "teams", "terms", "trash", "undefined", "upload",
        "uploads", "user", "users", "v1", "v2", "version", "versions", "wandb",
        "webhooks", "well-known", "www",
    )
)
"""First segments of addresses, present and about 60 future ones (rules.md, section 5)."""
