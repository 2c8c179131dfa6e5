#!/usr/bin/env bash
# There is one head, an empty database comes up to it, and the tables in the code are the tables in the database.
set -euo pipefail
cd "$(dirname "$0")/.."

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

heads=$(.venv/bin/python -m alembic heads | grep -c .) || true
if [ "$heads" != 1 ]; then
  echo "migrations/ has $heads heads, it must have one: .venv/bin/python -m alembic heads" >&2
  exit 1
fi

made_up=$(.venv/bin/python -c 'import secrets; print(secrets.token_urlsafe(48))')
flask() {
  env -i PATH="$PATH" HOME="$scratch" ENVIRONMENT=development SECRET_KEY="$made_up" \
    DATABASE_URL="sqlite:///$scratch/check.db" MEDIA_DIR="$scratch/media" BASE_URL=http://127.0.0.1 \
    STRIPE_SECRET_KEY="sk_test_$made_up" STRIPE_WEBHOOK_SECRET="whsec_$made_up" \
    SMTP_URL=smtp://127.0.0.1:9 MAIL_FROM=check@runout.example \
    .venv/bin/python -m flask --app wsgi "$@"
}
flask db upgrade
flask db check
