"""The two roles of the database: the owner of the tables, and the application, which uses them.

What the application may do with each table is granted after every `migrate` (clinic.audit.grants).
"""

from dataclasses import dataclass
from typing import Any

import psycopg
from psycopg import sql

Connection = psycopg.Connection[Any]


@dataclass(frozen=True)
class Login:
    """A role and its password; an empty one where the server knows its user otherwise."""

    user: str
    password: str

    def __repr__(self) -> str:
        return f"<Login {self.user}>"


def ensure_role(
    connection: Connection, login: Login, *, may_create_databases: bool = False
) -> None:
    """Make the role, or give it this password."""
    known = connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [login.user])
    verb = "ALTER" if known.fetchone() else "CREATE"
    rights = "CREATEDB" if may_create_databases else "NOCREATEDB"
    connection.execute(
        sql.SQL("{} ROLE {} LOGIN {} PASSWORD {}").format(
            sql.SQL(verb), sql.Identifier(login.user), sql.SQL(rights), sql.Literal(login.password)
        )
    )


def ensure_database(connection: Connection, name: str, owner: Login) -> None:
    """Make the database, or hand it to the owner."""
    known = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name])
    words = "ALTER DATABASE {} OWNER TO {}" if known.fetchone() else "CREATE DATABASE {} OWNER {}"
    connection.execute(sql.SQL(words).format(sql.Identifier(name), sql.Identifier(owner.user)))


def let_act_as(connection: Connection, owner: Login, application: Login) -> None:
    """Let the owner take the application's part, which is how tests see what that one may do."""
    if owner.user != application.user:
        connection.execute(
            sql.SQL("GRANT {} TO {}").format(
                sql.Identifier(application.user), sql.Identifier(owner.user)
            )
        )


def hand_over(connection: Connection, owner: Login) -> None:
    """Give the owner what belongs to other roles in this database, the superuser's apart."""
    others = connection.execute(
        "SELECT DISTINCT rolname FROM pg_class JOIN pg_roles ON pg_roles.oid = relowner"
        " WHERE relnamespace = 'public'::regnamespace AND NOT rolsuper AND rolname <> %s",
        [owner.user],
    )
    for (other,) in others.fetchall():
        connection.execute(
            sql.SQL("REASSIGN OWNED BY {} TO {}").format(
                sql.Identifier(other), sql.Identifier(owner.user)
            )
        )
