//! What the register says to a store.

/// Finds a tenant and holds it until the change is done.
pub(super) const LOCK_TENANT: &str = "UPDATE tenant SET company = company WHERE tenant_id = $1";

pub(super) const ADD_TENANT: &str =
    "INSERT INTO tenant (tenant_id, company, time_zone, created_us) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING";

pub(super) const ADD_SITE: &str =
    "INSERT INTO site (tenant_id, site_id, name, created_us) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING";

pub(super) const SET_COMPANY: &str = "UPDATE tenant SET company = $1 WHERE tenant_id = $2";
pub(super) const SET_TIME_ZONE: &str = "UPDATE tenant SET time_zone = $1 WHERE tenant_id = $2";
pub(super) const SET_RETENTION: &str = "UPDATE tenant SET measurement_days = $1, other_days = $2 WHERE tenant_id = $3";
pub(super) const SET_EXPORT: &str = "UPDATE tenant SET export_sha256 = $1, export_us = $2 WHERE tenant_id = $3";
pub(super) const SET_SITE_NAME: &str = "UPDATE site SET name = $1 WHERE tenant_id = $2 AND site_id = $3";

pub(super) const ADD_ADMINISTRATOR: &str = "INSERT INTO administrator (tenant_id, administrator_id, email, first_name, last_name,
         address, phone, role, password, invitation, invitation_expires_us, created_us)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, '', '', 0, $9) ON CONFLICT DO NOTHING";
pub(super) const FIND_ADMINISTRATOR: &str = "UPDATE administrator SET role = role WHERE tenant_id = $1 AND administrator_id = $2";
pub(super) const ADMINISTRATOR_WITH: &str =
    "SELECT administrator_id FROM administrator WHERE tenant_id = $1 AND lower(email) = $2";
pub(super) const SET_FIRST_NAME: &str = "UPDATE administrator SET first_name = $1 WHERE tenant_id = $2 AND administrator_id = $3";
pub(super) const SET_LAST_NAME: &str = "UPDATE administrator SET last_name = $1 WHERE tenant_id = $2 AND administrator_id = $3";
pub(super) const SET_ADDRESS: &str = "UPDATE administrator SET address = $1 WHERE tenant_id = $2 AND administrator_id = $3";
pub(super) const SET_PHONE: &str = "UPDATE administrator SET phone = $1 WHERE tenant_id = $2 AND administrator_id = $3";
pub(super) const SET_EMAIL: &str = "UPDATE administrator SET email = $1 WHERE tenant_id = $2 AND administrator_id = $3
     AND NOT EXISTS (SELECT 1 FROM administrator AS other
         WHERE other.tenant_id = $2 AND other.administrator_id <> $3 AND lower(other.email) = $1)";
/// The last owner stays one.
pub(super) const SET_ROLE: &str = "UPDATE administrator SET role = $1 WHERE tenant_id = $2 AND administrator_id = $3
     AND ($1 = 'owner' OR role <> 'owner' OR EXISTS (SELECT 1 FROM administrator AS other
         WHERE other.tenant_id = $2 AND other.administrator_id <> $3 AND other.role = 'owner'))";
pub(super) const REMOVE_ADMINISTRATOR: &str = "DELETE FROM administrator WHERE tenant_id = $1 AND administrator_id = $2
     AND (role <> 'owner' OR EXISTS (SELECT 1 FROM administrator AS other
         WHERE other.tenant_id = $1 AND other.administrator_id <> $2 AND other.role = 'owner'))";
pub(super) const FORGET_PREFERENCES: &str = "DELETE FROM preference WHERE tenant_id = $1 AND administrator_id = $2";
pub(super) const SET_PASSWORD: &str = "UPDATE administrator SET password = $1, invitation = '', invitation_expires_us = 0
     WHERE tenant_id = $2 AND administrator_id = $3";
pub(super) const INVITE: &str = "UPDATE administrator SET invitation = $1, invitation_expires_us = $2
     WHERE tenant_id = $3 AND administrator_id = $4";
pub(super) const INVITED: &str = "SELECT administrator_id FROM administrator
     WHERE tenant_id = $1 AND invitation = $2 AND invitation_expires_us > $3";
pub(super) const ACCEPT_INVITATION: &str = "UPDATE administrator SET password = $1, invitation = '', invitation_expires_us = 0
     WHERE tenant_id = $2 AND administrator_id = $3 AND invitation = $4";

/// Counts an attempt ($3 is now, $4 the beginning of the window) unless there were $5.
pub(super) const ATTEMPT: &str = "INSERT INTO login_attempt AS a (tenant_id, account, since_us, attempts) VALUES ($1, $2, $3, 1)
     ON CONFLICT (tenant_id, account) DO UPDATE SET
         attempts = CASE WHEN a.since_us <= $4 THEN 1 ELSE a.attempts + 1 END,
         since_us = CASE WHEN a.since_us <= $4 THEN $3 ELSE a.since_us END
     WHERE a.since_us <= $4 OR a.attempts < $5";
pub(super) const FORGET_ATTEMPTS: &str = "DELETE FROM login_attempt WHERE tenant_id = $1 AND account = $2";
pub(super) const PASSWORD: &str =
    "SELECT administrator_id, password FROM administrator WHERE tenant_id = $1 AND lower(email) = $2";
pub(super) const OWN_PASSWORD: &str = "SELECT password FROM administrator WHERE tenant_id = $1 AND administrator_id = $2";
/// Nobody logs in while the tenant is being erased.
pub(super) const BEGIN_SESSION: &str = "INSERT INTO session (tenant_id, digest, administrator_id, created_us, expires_us)
     SELECT tenant_id, CAST($1 AS TEXT), administrator_id, CAST($2 AS BIGINT), CAST($3 AS BIGINT)
     FROM administrator WHERE tenant_id = $4 AND administrator_id = $5
     AND NOT EXISTS (SELECT 1 FROM termination WHERE termination.tenant_id = $4 AND begun_us IS NOT NULL)";
pub(super) const SESSION: &str = "SELECT session.administrator_id, role, expires_us FROM session
     JOIN administrator ON administrator.tenant_id = session.tenant_id
         AND administrator.administrator_id = session.administrator_id
     WHERE session.tenant_id = $1 AND digest = $2 AND expires_us > $3";
pub(super) const END_SESSION: &str = "DELETE FROM session WHERE tenant_id = $1 AND digest = $2";
pub(super) const END_SESSIONS: &str = "DELETE FROM session WHERE tenant_id = $1 AND administrator_id = $2";
pub(super) const END_EVERY_SESSION: &str = "DELETE FROM session WHERE tenant_id = $1";

pub(super) const SET_PREFERENCES: &str = "INSERT INTO preference
         (tenant_id, administrator_id, language, time_zone, decimal_sign, length_unit, email_notices)
     VALUES ($1, $2, $3, $4, $5, $6, $7)
     ON CONFLICT (tenant_id, administrator_id) DO UPDATE SET language = excluded.language, time_zone = excluded.time_zone,
         decimal_sign = excluded.decimal_sign, length_unit = excluded.length_unit, email_notices = excluded.email_notices";
pub(super) const PREFERENCES: &str = "SELECT administrator_id, language, time_zone, decimal_sign, length_unit, email_notices
     FROM preference WHERE tenant_id = $1 ORDER BY administrator_id";

pub(super) const RESTRICT: &str = "INSERT INTO restriction (tenant_id, site_id, type, basis, since_us, discarded)
     VALUES ($1, $2, $3, $4, $5, 0) ON CONFLICT DO NOTHING";
pub(super) const LIFT: &str = "DELETE FROM restriction WHERE tenant_id = $1 AND site_id = $2 AND type = $3";
pub(super) const RESTRICTIONS: &str = "SELECT site_id, type, basis, since_us, discarded FROM restriction
     WHERE tenant_id = $1 ORDER BY site_id, type";
pub(super) const HAS_SITE: &str = "UPDATE site SET name = name WHERE tenant_id = $1 AND site_id = $2";

/// Only by whoever knows the company's name.
pub(super) const TERMINATE: &str = "INSERT INTO termination (tenant_id, requested_us, erase_us, certificate_id, counts)
     SELECT tenant_id, CAST($1 AS BIGINT), CAST($2 AS BIGINT), CAST($3 AS TEXT), ''
     FROM tenant WHERE tenant_id = $4 AND company = $5 ON CONFLICT DO NOTHING";
pub(super) const CANCEL: &str = "DELETE FROM termination WHERE tenant_id = $1 AND begun_us IS NULL";
pub(super) const TERMINATION: &str =
    "SELECT requested_us, erase_us, certificate_id, begun_us FROM termination WHERE tenant_id = $1";
pub(super) const DUE: &str = "SELECT tenant_id, requested_us, certificate_id, counts FROM termination
     WHERE erase_us <= $1 ORDER BY erase_us, tenant_id";
pub(super) const BEGIN_ERASURE: &str =
    "UPDATE termination SET begun_us = COALESCE(begun_us, $1) WHERE tenant_id = $2 AND erase_us <= $1";
pub(super) const KEEP_COUNTS: &str =
    "UPDATE termination SET counts = $1 WHERE tenant_id = $2 AND certificate_id = $3 AND begun_us IS NOT NULL";
pub(super) const END_TERMINATION: &str =
    "DELETE FROM termination WHERE tenant_id = $1 AND certificate_id = $2 AND begun_us IS NOT NULL";
/// What was done and when stays, by whom and to what does not, nor of which tenant.
pub(super) const ANONYMISE_LOG: &str = "UPDATE access_log SET tenant_id = $1, detail = '',
         actor = CASE actor WHEN 'system' THEN 'system' ELSE 'somebody' END
     WHERE tenant_id = $2";
pub(super) const CERTIFY: &str =
    "INSERT INTO certificate (certificate_id, tenant_sha256, erased_us, document, public_key, signature)
     VALUES ($1, $2, $3, $4, '', '')";
pub(super) const CERTIFICATE: &str = "SELECT document, public_key, signature FROM certificate WHERE certificate_id = $1";
pub(super) const CERTIFICATES: &str =
    "SELECT certificate_id, erased_us, signature FROM certificate ORDER BY erased_us, certificate_id";
pub(super) const UNSIGNED: &str = "SELECT certificate_id, document FROM certificate WHERE signature = ''";
pub(super) const SIGN: &str =
    "UPDATE certificate SET public_key = $1, signature = $2 WHERE certificate_id = $3 AND signature = ''";

pub(super) const RETAINING: &str = "SELECT tenant_id, measurement_days, other_days FROM tenant
     WHERE measurement_days IS NOT NULL OR other_days IS NOT NULL ORDER BY tenant_id";
pub(super) const FORGET_LOG: &str = "DELETE FROM access_log WHERE tenant_id = $1 AND time_us < $2";
pub(super) const FORGET_SESSIONS: &str = "DELETE FROM session WHERE expires_us <= $1";
pub(super) const FORGET_ALL_ATTEMPTS: &str = "DELETE FROM login_attempt WHERE since_us <= $1";
pub(super) const FORGET_INVITATIONS: &str = "UPDATE administrator SET invitation = '', invitation_expires_us = 0
     WHERE invitation <> '' AND invitation_expires_us <= $1";

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

pub(super) const TENANTS: &str = "SELECT tenant_id, company, time_zone, created_us, measurement_days, other_days,
         export_us, export_sha256
     FROM tenant ORDER BY tenant_id";
pub(super) const TENANT: &str = "SELECT tenant_id, company, time_zone, created_us, measurement_days, other_days,
         export_us, export_sha256
     FROM tenant WHERE tenant_id = $1";

pub(super) const SITES: &str = "SELECT site_id, name, created_us FROM site WHERE tenant_id = $1 ORDER BY site_id";

pub(super) const ADMINISTRATORS: &str = "SELECT administrator_id, email, first_name, last_name, address, phone, role,
         CASE password WHEN '' THEN 'no' ELSE 'yes' END, created_us
     FROM administrator WHERE tenant_id = $1 ORDER BY email";

pub(super) const CONTROLLERS: &str = "SELECT source, site_id, version, first_seen_us, last_seen_us FROM controller
     WHERE tenant_id = $1 ORDER BY source";

/// A token of listed sites comes once per site.
pub(super) const TOKENS: &str = "SELECT token.token_id, scope, COALESCE(site_id, ''), created_us, expires_us, revoked_us
     FROM token LEFT JOIN token_site ON token_site.tenant_id = token.tenant_id AND token_site.token_id = token.token_id
     WHERE token.tenant_id = $1 ORDER BY created_us, token.token_id, site_id";

pub(super) const ACCESS_LOG: &str = "SELECT entry_id, time_us, actor, action, detail FROM access_log
     WHERE tenant_id = $1 ORDER BY time_us, entry_id";
/// A page, newest first, before a time and an entry.
pub(super) const ACCESS_LOG_PAGE: &str = "SELECT entry_id, time_us, actor, action, detail FROM access_log
     WHERE tenant_id = $1 AND time_us <= $2 AND (time_us < $2 OR entry_id < $3)
     ORDER BY time_us DESC, entry_id DESC LIMIT $4";

#[cfg(test)]
mod tests {
    /// Every statement of this file, however many there are.
    fn all() -> Vec<&'static str> {
        let source = include_str!("sql.rs");
        let text = source.split("#[cfg(test)]").next().expect("the part before the tests");
        text.split("const ")
            .skip(1)
            .filter_map(|part| part.split('"').nth(1))
            .collect()
    }

    #[test]
    fn parameters_come_first_in_the_order_of_their_numbers() {
        assert!(all().len() > 50);
        for sql in all() {
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
