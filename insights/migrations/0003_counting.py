"""The functions that count months, and keep what they counted."""

from django.db import migrations

# Who calls these may neither write what is kept nor say what is to be kept: docs/decisions/0030.
COUNTING = """
-- Count months of a shop up to a mark; all months when none are named. For the two below alone:
-- who calls it may write the table, or it refuses.
CREATE FUNCTION public.insights_count_months(shop bigint, up_to bigint, wanted date[])
    RETURNS void LANGUAGE sql SET search_path = public, pg_temp AS $$
    INSERT INTO insights_monthcount (seller_id, month, scores, choices)
    SELECT shop, month, ARRAY[SCORES],
           jsonb_agg(jsonb_build_array(to_jsonb(topics), score, n) ORDER BY topics, score)
      FROM (
        SELECT month, topics, score, count(*) AS n
          FROM (
            SELECT month, score, ARRAY(
                SELECT topic_id FROM surveys_responsetopic
                 WHERE response_id = response.id ORDER BY topic_id
            ) AS topics
              FROM surveys_surveyresponse AS response
             WHERE seller_id = shop AND closed_by = 'seller' AND id <= up_to
               AND (wanted IS NULL OR month = ANY (wanted))
          ) AS answer
         GROUP BY month, topics, score
      ) AS choice
     GROUP BY month
    ON CONFLICT (seller_id, month)
        DO UPDATE SET scores = EXCLUDED.scores, choices = EXCLUDED.choices
$$;

-- Hold the mark where it is until this transaction ends, and say where that is.
CREATE FUNCTION public.insights_held_mark() RETURNS bigint
    LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp
    AS 'SELECT response_id FROM insights_countingmark FOR UPDATE';

-- Count what came since the mark, up to so many answers, and move it; return how many shops had
-- any. NULL when there is nothing to count, when another does, or when somebody takes long to store.
CREATE FUNCTION public.insights_keep_counts() RETURNS integer
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    mark bigint;
    given bigint;
    newest bigint;
    storing text[];
    shop record;
    shops integer := 0;
BEGIN
    IF current_setting('transaction_isolation') <> 'read committed' THEN
        RAISE EXCEPTION 'Months are counted by what is committed now';
    END IF;
    SELECT response_id INTO mark FROM insights_countingmark FOR UPDATE SKIP LOCKED;
    IF mark IS NULL OR NOT EXISTS (SELECT FROM surveys_surveyresponse WHERE id > mark) THEN
        RETURN NULL;
    END IF;
    -- A response has its number before others see it. So wait for whoever is storing now: then
    -- nothing can appear any more below the last number that was given out before.
    SELECT last_value INTO given FROM surveys_surveyresponse_id_seq;
    storing := ARRAY(SELECT virtualtransaction FROM pg_locks WHERE STORING);
    FOR try IN 1..20 LOOP
        EXIT WHEN NOT EXISTS (
            SELECT FROM pg_locks WHERE STORING AND virtualtransaction = ANY (storing)
        );
        IF try = 20 THEN
            RETURN NULL;
        END IF;
        PERFORM pg_sleep(0.01);
    END LOOP;
    SELECT max(id) INTO newest FROM (
        SELECT id FROM surveys_surveyresponse
         WHERE id > mark AND id <= given ORDER BY id LIMIT 50000
    ) AS next;
    IF newest IS NULL THEN
        RETURN NULL;
    END IF;
    FOR shop IN
        SELECT seller_id, array_agg(DISTINCT month) AS months
          FROM surveys_surveyresponse
         WHERE id > mark AND id <= newest AND closed_by = 'seller'
         GROUP BY seller_id
    LOOP
        PERFORM insights_count_months(shop.seller_id, newest, shop.months);
        shops := shops + 1;
    END LOOP;
    UPDATE insights_countingmark SET response_id = newest;
    RETURN shops;
END $$;

-- Count a shop again as far as the mark reaches.
CREATE FUNCTION public.insights_recount(shop bigint) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    mark bigint := insights_held_mark();
BEGIN
    DELETE FROM insights_monthcount WHERE seller_id = shop;
    PERFORM insights_count_months(shop, mark, NULL);
END $$;
""".replace(
    "SCORES",
    ", ".join(f"coalesce(sum(n) FILTER (WHERE score = {score}), 0)::integer" for score in range(11)),
).replace(
    "STORING",
    "relation = 'surveys_surveyresponse'::regclass AND mode = 'RowExclusiveLock' AND granted"
    " AND pid <> pg_backend_pid()"
    " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())",
)
DROPPED = """
DROP FUNCTION public.insights_recount(bigint);
DROP FUNCTION public.insights_keep_counts();
DROP FUNCTION public.insights_held_mark();
DROP FUNCTION public.insights_count_months(bigint, bigint, date[]);
"""


class Migration(migrations.Migration):

    dependencies = [("insights", "0002_relations"), ("surveys", "0001_initial")]

    operations = [migrations.RunSQL(COUNTING, DROPPED)]
