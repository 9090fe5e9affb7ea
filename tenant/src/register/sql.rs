//! What the register says to a store.

/// Finds a tenant and holds it until the change is done.
pub(super) const LOCK_TENANT: &str = "UPDATE tenant SET company = company WHERE tenant_id = $1";

pub(super) const ADD_TENANT: &str =
    "INSERT INTO tenant (tenant_id, company, time_zone, created_us) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING";

pub(super) const ADD_SITE: &str =
    "INSERT INTO site (tenant_id, site_id, name, created_us) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING";

pub(super) const ADD_ADMINISTRATOR: &str =
    "INSERT INTO administrator (tenant_id, email, first_name, last_name, address, phone, created_us)
     VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING";

pub(super) const ADD_TOKEN: &str = "INSERT INTO token (tenant_id, token_id, digest, scope, created_us, expires_us)
     VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING";

pub(super) const ADD_TOKEN_SITE: &str = "INSERT INTO token_site (tenant_id, token_id, site_id)
     SELECT tenant_id, CAST($1 AS TEXT), site_id FROM site WHERE tenant_id = $2 AND site_id = $3";

pub(super) const REVOKE_TOKEN: &str =
    "UPDATE token SET revoked_us = $1 WHERE tenant_id = $2 AND token_id = $3 AND revoked_us IS NULL";

/// Brings the end of a token forward, never back.
pub(super) const END_TOKEN: &str = "UPDATE token
     SET expires_us = CASE WHEN expires_us < $1 THEN expires_us ELSE $1 END
     WHERE tenant_id = $2 AND token_id = $3 AND revoked_us IS NULL";

pub(super) const COPY_TOKEN: &str = "INSERT INTO token (tenant_id, token_id, digest, scope, created_us, expires_us)
     SELECT tenant_id, CAST($1 AS TEXT), CAST($2 AS TEXT), scope, CAST($3 AS BIGINT), CAST($4 AS BIGINT)
     FROM token WHERE tenant_id = $5 AND token_id = $6";

pub(super) const COPY_TOKEN_SITES: &str = "INSERT INTO token_site (tenant_id, token_id, site_id)
     SELECT tenant_id, CAST($1 AS TEXT), site_id FROM token_site WHERE tenant_id = $2 AND token_id = $3";

pub(super) const LOG: &str =
    "INSERT INTO access_log (tenant_id, time_us, entry_id, actor, action, detail) VALUES ($1, $2, $3, $4, $5, $6)";

/// A token by its digest, and whether it opens a site: one that the tenant has and the token is for.
pub(super) const STANDING: &str = "SELECT expires_us, revoked_us,
         (SELECT count(*) FROM site WHERE site.tenant_id = token.tenant_id AND site.site_id = $1 AND (
             token.scope = 'every-site' OR EXISTS (SELECT 1 FROM token_site AS listed
                 WHERE listed.tenant_id = token.tenant_id AND listed.token_id = token.token_id
                 AND listed.site_id = site.site_id)))
     FROM token WHERE tenant_id = $2 AND digest = $3";

/// Who has registered a certificate.
pub(super) const TENANTS_OF_DIGEST: &str = "SELECT tenant_id FROM token WHERE digest = $1 ORDER BY tenant_id";

pub(super) const TENANTS: &str = "SELECT tenant_id, company, time_zone, created_us FROM tenant ORDER BY tenant_id";

pub(super) const SITES: &str = "SELECT site_id, name, created_us FROM site WHERE tenant_id = $1 ORDER BY site_id";

pub(super) const ADMINISTRATORS: &str = "SELECT email, first_name, last_name, address, phone, created_us
     FROM administrator WHERE tenant_id = $1 ORDER BY email";

/// A token of listed sites comes once per site.
pub(super) const TOKENS: &str = "SELECT token.token_id, scope, COALESCE(site_id, ''), created_us, expires_us, revoked_us
     FROM token LEFT JOIN token_site ON token_site.tenant_id = token.tenant_id AND token_site.token_id = token.token_id
     WHERE token.tenant_id = $1 ORDER BY created_us, token.token_id, site_id";

pub(super) const ACCESS_LOG: &str = "SELECT time_us, actor, action, detail FROM access_log
     WHERE tenant_id = $1 ORDER BY time_us, entry_id";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_come_first_in_the_order_of_their_numbers() {
        let all = [
            LOCK_TENANT,
            ADD_TENANT,
            ADD_SITE,
            ADD_ADMINISTRATOR,
            ADD_TOKEN,
            ADD_TOKEN_SITE,
            REVOKE_TOKEN,
            END_TOKEN,
            COPY_TOKEN,
            COPY_TOKEN_SITES,
            LOG,
            STANDING,
            TENANTS_OF_DIGEST,
            TENANTS,
            SITES,
            ADMINISTRATORS,
            TOKENS,
            ACCESS_LOG,
        ];
        for sql in all {
            let mut highest = 0;
            for part in sql.split('$').skip(1) {
                let number: u32 = part
                    .chars()
                    .take_while(char::is_ascii_digit)
                    .collect::<String>()
                    .parse()
                    .expect("a number");
                assert!(number <= highest + 1, "{sql}");
                highest = highest.max(number);
            }
        }
    }
}
