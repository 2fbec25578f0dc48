"""The functions that write what is searched, and what is sought in it."""

from django.db import migrations

# One form of a text: letters without their marks and in lower case, digits as 0–9; between words
# stands a space, and "-" where a word has something else inside it. Needs no extension, and gives
# the same in every locale. Nothing of a word after its fortieth letter.
FOLDED = r"""
CREATE FUNCTION queries_folded(content text) RETURNS text
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
DECLARE
    folded text := content;
BEGIN
    IF octet_length(folded) <> length(folded) THEN
        -- Marks that stand alone would become a space and a mark.
        folded := normalize(translate(folded, '´¨¯¸˘˙˚˛˜˝', repeat('-', 10)), NFKD);
        folded := regexp_replace(
            folded,
            '[\u00AD\u0300-\u036F\u0483-\u0487\u0591-\u05BD\u05BF\u05C1\u05C2\u05C4\u05C5\u05C7'
            '\u0610-\u061A\u0640\u064B-\u065F\u0670\u06D6-\u06DC\u06DF-\u06E4\u1AB0-\u1AFF'
            '\u1DC0-\u1DFF\u200B-\u200F\u202A-\u202E\u2060-\u2064\u20D0-\u20FF\uFE00-\uFE0F'
            '\uFE20-\uFE2F\uFEFF]+',
            '', 'g'
        );
        folded := regexp_replace(folded, '[\u0080-\u009F\u1680\u2028\u2029]', ' ', 'g');
        folded := regexp_replace(
            folded,
            '[\u00A0-\u00BF\u00D7\u00F7\u02C2-\u02DF\u055A-\u055F\u0589\u058A\u05BE\u05C0\u05C3'
            '\u05C6\u05F3\u05F4\u0609-\u060D\u061B-\u061F\u066A-\u066D\u06D4\u0964\u0965'
            '\u2010-\u205F\u2065-\u206F\u20A0-\u20CF\u2100-\u214F\u2190-\u2BFF\u2E00-\u2E7F'
            '\u3001-\u3004\u3008-\u3020\u3030\u303D\uE000-\uF8FF\uFD3E\uFD3F\uFFF0-\uFFFF'
            '\U0001F000-\U0001FAFF]+',
            '-', 'g'
        );
        -- What has had its marks taken off is mostly plain by now; the rest costs most.
        IF octet_length(folded) <> length(folded) THEN
            folded := translate(
                lower(folded),
                'ØŁĐÐĦŦøłđðħŧıς٠١٢٣٤٥٦٧٨٩۰۱۲۳۴۵۶۷۸۹०१२३४५६७८९',
                'olddhtolddhtiσ012345678901234567890123456789'
            );
            folded := replace(replace(folded, 'ß', 'ss'), 'ẞ', 'ss');
            folded := replace(replace(folded, 'æ', 'ae'), 'Æ', 'ae');
            folded := replace(replace(folded, 'œ', 'oe'), 'Œ', 'oe');
            folded := replace(replace(folded, 'þ', 'th'), 'Þ', 'th');
        END IF;
    END IF;
    folded := regexp_replace(lower(folded), '[!-/:-@\[-`{-~]+', '-', 'g');
    folded := regexp_replace(folded, '[\x01-\x1F\x7F]', ' ', 'g');
    IF folded ~ '[^ -]{41}' THEN
        folded := regexp_replace(folded, '([^ -]{40})[^ -]+', '\1', 'g');
    END IF;
    RETURN folded;
END
$$
"""

# The words of a text, each with the number of the shop before it. Of what is written with
# something inside, such as BR-2026-00017, the parts, and from each part on all in one.
WORDS = """
CREATE FUNCTION queries_words(shop bigint, content text) RETURNS tsvector
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
DECLARE
    folded text := queries_folded(left(content, 100000));
    words text[] := string_to_array(translate(folded, '-', ' '), ' ');
BEGIN
    words := words || ARRAY(
        SELECT left(array_to_string(parts[number:], ''), 40)
          FROM regexp_matches(folded, '[^ -]+(?:-+[^ -]+){1,19}', 'g') AS run,
               string_to_array(run[1], '-') AS parts,
               generate_subscripts(parts, 1) AS number
    );
    RETURN array_to_tsvector(array_remove(
        string_to_array(shop || ':' || array_to_string(words[:5000], ' ' || shop || ':'), ' '),
        shop || ':'
    ));
END
$$
"""

# PostgreSQL keeps a megabyte of words and refuses more; then the first ones stay.
JOINED = """
CREATE FUNCTION queries_joined(words tsvector, more tsvector) RETURNS tsvector
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN CASE
    WHEN pg_column_size(words) + pg_column_size(more) < 1000000 THEN words || more
    ELSE words
END
"""

# All words of a query. The address is there as a whole and never as a beginning of one: who
# tries letters learns nobody's address.
DOCUMENT = r"""
CREATE FUNCTION queries_document(wanted bigint) RETURNS tsvector
LANGUAGE plpgsql STABLE STRICT PARALLEL SAFE AS $$
DECLARE
    shop bigint;
    words tsvector;
    body text;
BEGIN
    SELECT query.seller_id,
           queries_words(query.seller_id, concat_ws(
               ' ', subject, regexp_replace(order_reference, '\s+', '-', 'g'), customer.name
           )) || array_to_tsvector(array_remove(
               ARRAY[query.seller_id || ':@' || lower(
                   coalesce(nullif(contact_email, ''), customer.email)
               )],
               query.seller_id || ':@'
           ))
      INTO shop, words
      FROM queries_customerquery query
      JOIN queries_customer customer ON customer.id = query.customer_id
     WHERE query.id = wanted;
    FOR body IN
        SELECT message.body FROM queries_message message WHERE message.query_id = wanted
        UNION ALL
        SELECT note.body FROM queries_note note WHERE note.query_id = wanted
    LOOP
        words := queries_joined(words, queries_words(shop, body));
    END LOOP;
    RETURN words;
END
$$
"""

# First the lock, then a new look: what somebody else was writing meanwhile is there then.
WRITE_DOCUMENTS = """
CREATE FUNCTION queries_write_documents(wanted bigint[]) RETURNS void
LANGUAGE plpgsql STRICT AS $$
BEGIN
    PERFORM FROM queries_searchdocument
      WHERE query_id = ANY (wanted) ORDER BY query_id FOR UPDATE;
    UPDATE queries_searchdocument
       SET words = queries_document(query_id) WHERE query_id = ANY (wanted);
END
$$
"""

# What finds the documents with all these words, in any order: each may be the beginning of one.
# What was typed in pieces is found where it is written as one, too. None of it is ever syntax.
SOUGHT = r"""
CREATE FUNCTION queries_sought(shop bigint, typed text[], emails text[]) RETURNS tsquery
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
SELECT CASE
    WHEN count(*) < 2 THEN coalesce(string_agg(found, ''), '')
    ELSE format(
        '(%s) | ''%s:%s'':*', string_agg(found, ' & '), shop, left(string_agg(word, ''), 40)
    )
END::tsquery
FROM (
    SELECT word, format(
        CASE WHEN email = '' THEN '''%1$s:%2$s'':*'
             ELSE '(''%1$s:%2$s'':* | ''%1$s:@%3$s'')' END,
        shop, word, replace(replace(email, '\', '\\'), '''', '''''')
    ) AS found
      FROM unnest(typed, emails) WITH ORDINALITY AS each (typed, email, place),
           left(translate(queries_folded(each.typed), '- ', ''), 40) AS word
     WHERE word <> ''
     ORDER BY place
) AS words
$$
"""

FUNCTIONS = {
    "queries_folded(text)": FOLDED,
    "queries_words(bigint, text)": WORDS,
    "queries_joined(tsvector, tsvector)": JOINED,
    "queries_document(bigint)": DOCUMENT,
    "queries_write_documents(bigint[])": WRITE_DOCUMENTS,
    "queries_sought(bigint, text[], text[])": SOUGHT,
}


class Migration(migrations.Migration):

    dependencies = []

    operations = [
        migrations.RunSQL(sql, reverse_sql=f"DROP FUNCTION {name}")
        for name, sql in FUNCTIONS.items()
    ]
