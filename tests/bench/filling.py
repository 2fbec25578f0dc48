"""The queries that fill the stock, by what each fills, in the order in which rows refer to others.

"app.Model" is the table of a model, whose columns the query names; what it leaves out is as in a
new instance. Any other name is a temporary table, for the queries below it. `%%` is a percent
sign, `%(…)s` a parameter that `stock.py` gives.
"""

from typing import Final

QUERIES: Final = {
    "shop": """
SELECT seller_id, size, least(9, 1 + size / 2000) AS agents, random_normal(8.1, 0.45) AS quality
FROM unnest(%(sizes)s::int[]) WITH ORDINALITY AS given (size, seller_id)
""",
    "sellers.Seller": """
SELECT seller_id AS id, 'Winkel ' || seller_id AS name,
    (ARRAY['NL', 'NL', 'BE'])[1 + seller_id %% 3] AS country,
    'info@winkel' || seller_id || '.example' AS contact_email, %(first)s::date AS joined_on
FROM shop
""",
    "sellers.User": """
SELECT %(agents_from)s * seller_id + number AS id,
    'agent' || number || '@winkel' || seller_id || '.example' AS email,
    'Medewerker ' || number AS name
FROM shop CROSS JOIN generate_series(0, agents - 1) number
UNION ALL
SELECT %(viewer)s, 'bench@nazorg.example', 'Bench'
""",
    "sellers.Membership": """
SELECT id AS user_id, id / %(agents_from)s AS seller_id, 'agent' AS role
FROM sellers_user WHERE id >= %(agents_from)s
UNION ALL
SELECT %(viewer)s, seller_id, 'owner' FROM unnest(%(viewed)s::int[]) seller_id
""",
    "queries.Customer": """
SELECT number AS id, 'Klant ' || number AS name,
    CASE WHEN number <= %(reachable)s THEN 'klant' || number || '@klant.example' ELSE '' END
        AS email,
    CASE WHEN number %% 7 = 0 THEN 'en' ELSE 'nl' END AS language
FROM generate_series(1, %(customers)s) number
""",
    "surveys.SurveyOptOut": """
SELECT number AS customer_id, %(now)s - random() * interval '60 days' AS opted_out_at
FROM generate_series(%(willing)s + 1, %(reachable)s) number
""",
    "measurement": """
SELECT row_number() OVER (ORDER BY submitted_at) AS id, *
FROM (
    SELECT seller_id, agents,
        least(10, greatest(0, round(random_normal(quality, 2.1))))::int AS score,
        %(first)s + random() * (%(now)s - %(first)s) AS submitted_at
    FROM shop CROSS JOIN generate_series(1, size)
)
""",
    "recent": """
SELECT *, row_number() OVER (ORDER BY id) AS number
FROM measurement WHERE submitted_at >= %(opened)s
""",
    # The other closings are spread over the shops as the answered ones are.
    "contact": """
WITH answered AS (
    SELECT id AS response_id, seller_id, agents, 'answered' AS fate,
        submitted_at - interval '25 hours' - random() ^ 2 * interval '6 days' AS closed_at
    FROM recent
), unanswered AS (
    SELECT NULL::bigint, seller_id, agents,
        (array_fill('silent'::text, ARRAY[60]) || array_fill('customer_cooldown'::text, ARRAY[25])
            || ARRAY['bounced', 'stale', 'opted_out', 'opted_out', 'no_address', 'no_address',
                'reopened', 'reopened', 'reopened', 'system_closed'])[ceil(random() * 95)],
        %(opened)s + random() * (%(now)s - interval '2 days' - %(opened)s)
    FROM generate_series(1, %(decided)s - (SELECT count(*) FROM recent)) position
    JOIN recent ON number = 1 + position %% (SELECT count(*) FROM recent)
), due AS (
    SELECT NULL::bigint, seller_id, agents,
        CASE floor(random() * 50) WHEN 0 THEN 'due, reopened' WHEN 1 THEN 'due, by system'
            ELSE 'due' END,
        %(now)s - interval '1 day' - random() * interval '1 day'
    FROM generate_series(1, %(due)s) position
    JOIN recent ON number = 1 + position %% (SELECT count(*) FROM recent)
), closed AS (
    SELECT * FROM answered UNION ALL SELECT * FROM unanswered UNION ALL SELECT * FROM due
)
SELECT row_number() OVER in_order AS id,
    response_id, seller_id, fate, closed_at,
    -- Who was sent a survey gets the next one when all others had theirs: after a good month.
    CASE WHEN fate IN ('answered', 'silent', 'bounced') THEN 1 + mod(
            count(*) FILTER (WHERE fate IN ('answered', 'silent', 'bounced')) OVER in_order,
            %(reachable)s)
        ELSE ceil(CASE fate
            WHEN 'opted_out' THEN %(reachable)s - random() * (%(reachable)s - %(willing)s)
            WHEN 'no_address' THEN %(customers)s - random() * (%(customers)s - %(reachable)s)
            ELSE random() * %(customers)s END)
        END::bigint AS customer_id,
    CASE WHEN fate IN ('system_closed', 'due, by system') THEN 'system'
        WHEN fate <> 'answered' AND random() < 0.02 THEN 'marketplace'
        ELSE 'seller' END AS closed_by,
    %(agents_from)s * seller_id + floor(random() * agents)::int AS agent_id,
    CASE WHEN fate IN ('reopened', 'due, reopened')
        THEN closed_at + random() * interval '20 hours' END AS reopened_at,
    CASE WHEN fate NOT LIKE 'due%%'
        THEN closed_at + interval '24 hours' + random() * interval '1 minute' END AS decided_at,
    (ARRAY['web', 'web', 'web', 'email', 'email', 'phone', 'direct_message'])[ceil(random() * 7)]
        AS channel,
    (ARRAY['Waar blijft mijn pakket?', 'Verkeerde maat ontvangen', 'Hoe stuur ik dit terug?',
        'Onderdeel ontbreekt', 'Factuur nodig', 'Product werkt niet', 'Adres wijzigen',
        'Wanneer krijg ik mijn geld terug?', 'Vraag over garantie', 'Beschadigd aangekomen',
        'Bestelling annuleren', 'Past dit bij mijn toestel?'])[ceil(random() * 12)] AS subject
FROM closed
WINDOW in_order AS (ORDER BY fate LIKE 'due%%', closed_at ROWS UNBOUNDED PRECEDING)
""",
    "queries.CustomerQuery": """
SELECT id, seller_id, customer_id, 'N' || 100000000 + id AS order_reference, subject, channel,
    CASE WHEN customer_id %% 7 = 0 THEN 'en' ELSE 'nl' END AS language,
    CASE WHEN reopened_at IS NULL THEN 'closed' ELSE 'your_turn' END AS state,
    coalesce(reopened_at, closed_at) AS turn_since, asked_at,
    asked_at + interval '18 hours' AS long_open_at, asked_at + interval '24 hours' AS due_at,
    reopened_at AS reply_needed_since
FROM contact, LATERAL (SELECT closed_at - random() * interval '2 days' AS asked_at)
ORDER BY id
""",
    "queries.Closing": """
SELECT id, id AS query_id, seller_id, customer_id, closed_by,
    CASE WHEN closed_by = 'seller' THEN agent_id END AS agent_id, channel, subject, closed_at,
    CASE WHEN random() < 0.4 THEN least(10, 5 + floor(random() * 7)) END AS predicted_score,
    reopened_at, decided_at AS survey_decided_at
FROM contact ORDER BY id
""",
    "surveys.Invitation": """
SELECT contact.id AS closing_id, contact.seller_id, customer_id, contact.id AS query_id,
    CASE WHEN customer_id %% 7 = 0 THEN 'en' ELSE 'nl' END AS language,
    CASE fate WHEN 'silent' THEN CASE WHEN decided_at < %(now)s - interval '14 days'
            THEN 'expired' ELSE 'sent' END
        WHEN 'answered' THEN fate WHEN 'bounced' THEN fate ELSE 'suppressed' END AS state,
    CASE WHEN fate IN ('answered', 'silent', 'bounced') THEN '' ELSE fate END AS reason,
    decided_at, salt AS token_salt,
    CASE WHEN salt <> '' THEN encode(sha256(salt::bytea), 'hex') END AS token_digest,
    CASE WHEN salt <> '' THEN decided_at END AS next_try_at,
    CASE WHEN fate IN ('answered', 'silent') THEN decided_at END AS sent_at,
    submitted_at - random() * interval '2 minutes' AS opened_at, submitted_at AS answered_at,
    CASE WHEN salt <> '' THEN decided_at + interval '14 days' END AS expires_at,
    CASE WHEN fate = 'bounced' THEN decided_at END AS bounced_at
FROM contact
LEFT JOIN recent ON recent.id = response_id,
LATERAL (SELECT CASE WHEN fate IN ('answered', 'silent', 'bounced')
    THEN md5(contact.id::text) ELSE '' END AS salt)
WHERE fate NOT LIKE 'due%%'
ORDER BY contact.id
""",
    "surveys.SurveyResponse": """
SELECT measurement.id, invitation.id AS invitation_id, measurement.seller_id, query_id,
    'seller' AS closed_by, score, submitted_at,
    date_trunc('month', submitted_at AT TIME ZONE 'Europe/Amsterdam') AS month,
    CASE WHEN random() < 0.6 THEN '' WHEN score >= 9
        THEN 'Snel en vriendelijk geholpen, precies wat ik nodig had.'
        WHEN score >= 7 THEN 'Prima, maar het duurde even voor ik antwoord kreeg.'
        ELSE 'Ik moest drie keer hetzelfde uitleggen en wacht nog steeds op een oplossing.' END
        AS reason,
    CASE WHEN invitation.id IS NOT NULL THEN random() < 0.3 END AS may_contact,
    CASE WHEN invitation.id IS NULL THEN 'h' || measurement.id ELSE '' END AS external_id,
    CASE WHEN invitation.id IS NULL THEN %(opened)s END AS imported_at,
    CASE WHEN invitation.id IS NULL THEN 1 END AS batch_id
FROM measurement
LEFT JOIN contact ON response_id = measurement.id
LEFT JOIN surveys_invitation invitation ON closing_id = contact.id
ORDER BY measurement.id
""",
    "surveys.ImportBatch": """
SELECT batch_id AS id, 'history.csv' AS file_name, 'portal' AS format,
    min(imported_at) AS imported_at, count(*) AS stored, 0 AS skipped,
    count(DISTINCT seller_id) AS shops, min(month) AS first_month, max(month) AS last_month
FROM surveys_surveyresponse WHERE batch_id IS NOT NULL
GROUP BY batch_id
""",
    # Those of the last days are still open.
    "surveys.FollowUp": """
SELECT response.id AS response_id, response.seller_id, playbook.id AS playbook_id,
    agent_id AS assignee_id,
    CASE WHEN is_new THEN 'to_do' ELSE 'resolved' END AS state, submitted_at AS opened_at,
    submitted_at + interval '24 hours' * CASE WHEN response.score < 3 THEN 1 ELSE 2 END AS due_at,
    CASE WHEN NOT is_new THEN submitted_at + random() * interval '60 hours' END AS contacted_at,
    CASE WHEN NOT is_new THEN submitted_at + interval '61 hours' END AS finished_at,
    CASE WHEN is_new THEN '' ELSE 'Gebeld, excuses aangeboden, opgelost.' END AS note
FROM surveys_surveyresponse response
JOIN surveys_invitation invitation ON invitation.id = invitation_id
JOIN queries_closing closing ON closing.id = closing_id
JOIN surveys_playbook playbook ON playbook.score = response.score,
LATERAL (SELECT submitted_at > %(now)s - interval '3 days' AS is_new)
WHERE response.score < 7 AND response.closed_by = 'seller'
ORDER BY response.id
""",
    # One to three of the six: a first one, the earlier ones more often, and its neighbours.
    "surveys.ResponseTopic": """
SELECT id AS response_id, topics[1 + (first + number) %% 6] AS topic_id
FROM (
    SELECT id, floor(random() ^ 2 * 6)::int AS first, floor(random() * 3)::int AS more
    FROM measurement WHERE random() < 0.6
) ticked
CROSS JOIN (SELECT array_agg(id ORDER BY position) AS topics FROM surveys_topic)
CROSS JOIN LATERAL generate_series(0, more) number
ORDER BY id
""",
}
