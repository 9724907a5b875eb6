package dev.meshdx.envoy.internal;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import dev.meshdx.error.MeshProtocolException;
import dev.meshdx.error.Reason;
import dev.meshdx.finding.Inconclusive;
import dev.meshdx.model.internal.JsonReader;
import java.io.BufferedInputStream;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.InterruptedIOException;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Goes through a page of statistics once, JSON or text; only what is wanted is kept. Source: Envoy, "Administration
 * interface", {@code /stats}.
 */
public final class StatsReader {
    /** With all of Envoy's statistics a proxy of a mesh of thousands of services has millions. */
    static final int MOST = 250_000;

    /** All names and texts together. */
    private static final long MOST_TEXT = 48L * 1024 * 1024;

    private static final int LONGEST_LINE = 64 * 1024;
    private static final int MOST_PERCENTILES = 100;

    /** {@code P50(1.05,2.05)}: the interval, then all since the start. */
    private static final Pattern PERCENTILE =
            Pattern.compile("P([0-9]{1,3}(?:\\.[0-9]{1,6})?)\\(([^,()]{1,40}),([^,()]{1,40})\\)");

    private static final String PATH = "/stats";

    private final Predicate<String> wanted;
    private final Sink sink;
    private int kept;
    private long text;
    private boolean full;
    private boolean recognised;

    private StatsReader(Predicate<String> wanted, Sink sink) {
        this.wanted = wanted;
        this.sink = sink;
    }

    /** Takes what was read. */
    public interface Sink {
        /** A number ({@code Long}, {@code BigInteger}) or a text. */
        void value(String name, Object value);

        /** A histogram; NaN where there is no value. */
        void histogram(String name, List<Double> percentiles, List<Double> interval, List<Double> cumulative);
    }

    /**
     * Reads a page. The stream stays open.
     *
     * @return why it could not be read to its end, where it could not
     * @throws MeshProtocolException if it is no page of statistics
     */
    public static @Nullable Inconclusive read(InputStream body, Predicate<String> wanted, Sink sink)
            throws IOException {
        BufferedInputStream in = AdminPage.buffered(body);
        StatsReader reader = new StatsReader(wanted, sink);
        return switch (AdminPage.form(in)) {
            case JSON -> reader.json(in);
            case HTML -> throw AdminPage.foreign(PATH, AdminPage.Form.HTML);
            case TEXT -> reader.lines(in);
        };
    }

    private boolean keep(String name, int more) {
        if (full || !wanted.test(name)) {
            return false;
        }
        text += name.length() + more;
        if (++kept > MOST || text > MOST_TEXT) {
            full = true;
            return false;
        }
        return true;
    }

    private @Nullable Inconclusive limit() {
        return !full
                ? null
                : Inconclusive.of(
                        "part of the proxy's page " + PATH,
                        null,
                        Reason.UNSUPPORTED,
                        "The proxy has more statistics than are kept (" + MOST + "): the rest is left out.",
                        "Ask with a filter, such as the name of a cluster.");
    }

    // JSON

    private @Nullable Inconclusive json(InputStream in) throws IOException {
        try (JsonParser parser = JsonReader.parser(in)) {
            document(parser);
        } catch (JsonProcessingException e) {
            return ended(JsonReader.malformed(e));
        } catch (MeshProtocolException e) {
            return ended(e);
        } catch (InterruptedIOException e) {
            throw e;
        } catch (IOException e) {
            if (!recognised) {
                throw e;
            }
            return AdminPage.incomplete(PATH, "The answer ended early: " + e.getMessage());
        }
        if (!recognised) {
            throw AdminPage.foreign(PATH, AdminPage.Form.JSON);
        }
        return limit();
    }

    private Inconclusive ended(MeshProtocolException why) {
        if (!recognised) {
            throw new MeshProtocolException(PATH + ": " + why.getMessage(), why.remedy(), why);
        }
        return AdminPage.incomplete(PATH, String.valueOf(why.getMessage()));
    }

    private void document(JsonParser parser) throws IOException {
        if (parser.nextToken() != JsonToken.START_OBJECT) {
            return;
        }
        while (parser.nextToken() == JsonToken.FIELD_NAME && !full) {
            String name = parser.currentName();
            JsonToken token = parser.nextToken();
            if (name.equals("stats") && token == JsonToken.START_ARRAY) {
                recognised = true;
                while (next(parser) && !full) {
                    if (parser.currentToken() == JsonToken.START_OBJECT) {
                        element(parser);
                    } else {
                        parser.skipChildren();
                    }
                }
            } else {
                parser.skipChildren();
            }
        }
    }

    private static boolean next(JsonParser parser) throws IOException {
        JsonToken token = parser.nextToken();
        return token != null && token != JsonToken.END_ARRAY;
    }

    private void element(JsonParser parser) throws IOException {
        String name = null;
        Object value = null;
        while (parser.nextToken() == JsonToken.FIELD_NAME) {
            String field = parser.currentName();
            JsonToken token = parser.nextToken();
            if (field.equals("name") && token == JsonToken.VALUE_STRING) {
                name = parser.getText();
            } else if (field.equals("value") && token.isScalarValue()) {
                value = value(parser, token);
            } else if (field.equals("histograms") && token == JsonToken.START_OBJECT) {
                histograms(parser);
            } else {
                parser.skipChildren();
            }
        }
        if (name != null && value != null && keep(name, value instanceof String string ? string.length() : 0)) {
            sink.value(name, value);
        }
    }

    private static @Nullable Object value(JsonParser parser, JsonToken token) throws IOException {
        return switch (token) {
            case VALUE_NUMBER_INT ->
                parser.getNumberType() == JsonParser.NumberType.BIG_INTEGER
                        ? parser.getBigIntegerValue()
                        : (Object) parser.getLongValue();
            case VALUE_NUMBER_FLOAT -> (long) parser.getDoubleValue();
            case VALUE_STRING -> parser.getText();
            case VALUE_TRUE -> 1L;
            case VALUE_FALSE -> 0L;
            default -> null;
        };
    }

    private record Unnamed(String name, List<Double> interval, List<Double> cumulative) {}

    private void histograms(JsonParser parser) throws IOException {
        List<Double> percentiles = List.of();
        List<Unnamed> early = new ArrayList<>();
        try {
            while (parser.nextToken() == JsonToken.FIELD_NAME) {
                String field = parser.currentName();
                JsonToken token = parser.nextToken();
                if (field.equals("supported_quantiles") && token == JsonToken.START_ARRAY) {
                    List<Double> found = new ArrayList<>();
                    while (next(parser)) {
                        add(found, number(parser));
                    }
                    percentiles = found;
                } else if (field.equals("computed_quantiles") && token == JsonToken.START_ARRAY) {
                    while (next(parser) && !full) {
                        if (parser.currentToken() == JsonToken.START_OBJECT) {
                            Unnamed one = histogram(parser);
                            if (keep(one.name, 16 * one.interval.size())) {
                                early.add(one);
                                early = flush(early, percentiles);
                            }
                        } else {
                            parser.skipChildren();
                        }
                    }
                    if (full) {
                        return;
                    }
                } else {
                    parser.skipChildren();
                }
            }
        } finally {
            flush(early, percentiles);
        }
    }

    /** Which percentiles the values are of stands before them in what Envoy writes; but that is no promise. */
    private List<Unnamed> flush(List<Unnamed> histograms, List<Double> percentiles) {
        if (percentiles.isEmpty()) {
            return histograms;
        }
        for (Unnamed one : histograms) {
            int size = Math.min(percentiles.size(), one.interval.size());
            sink.histogram(
                    one.name,
                    percentiles.subList(0, size),
                    one.interval.subList(0, size),
                    one.cumulative.subList(0, size));
        }
        histograms.clear();
        return histograms;
    }

    private static Unnamed histogram(JsonParser parser) throws IOException {
        String name = "";
        List<Double> interval = new ArrayList<>();
        List<Double> cumulative = new ArrayList<>();
        while (parser.nextToken() == JsonToken.FIELD_NAME) {
            String field = parser.currentName();
            JsonToken token = parser.nextToken();
            if (field.equals("name") && token == JsonToken.VALUE_STRING) {
                name = parser.getText();
            } else if (field.equals("values") && token == JsonToken.START_ARRAY) {
                while (next(parser)) {
                    double last = Double.NaN;
                    double since = Double.NaN;
                    if (parser.currentToken() == JsonToken.START_OBJECT) {
                        while (parser.nextToken() == JsonToken.FIELD_NAME) {
                            String which = parser.currentName();
                            parser.nextToken();
                            if (which.equals("interval")) {
                                last = number(parser);
                            } else if (which.equals("cumulative")) {
                                since = number(parser);
                            } else {
                                parser.skipChildren();
                            }
                        }
                    } else {
                        parser.skipChildren();
                    }
                    add(interval, last);
                    add(cumulative, since);
                }
            } else {
                parser.skipChildren();
            }
        }
        return new Unnamed(name, interval, cumulative);
    }

    private static void add(List<Double> values, double value) {
        if (values.size() < MOST_PERCENTILES) {
            values.add(value);
        }
    }

    private static double number(JsonParser parser) throws IOException {
        if (parser.currentToken().isNumeric()) {
            return parser.getDoubleValue();
        }
        parser.skipChildren();
        return Double.NaN;
    }

    // Text

    private @Nullable Inconclusive lines(InputStream in) throws IOException {
        BufferedReader reader = new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8));
        StringBuilder line = new StringBuilder();
        boolean any = false;
        try {
            for (int c = reader.read(); c >= 0 && !full; c = reader.read()) {
                if (c == '\n') {
                    any = true;
                    line(line.toString());
                    line.setLength(0);
                } else if (line.length() < LONGEST_LINE) {
                    line.append((char) c);
                }
            }
        } catch (MeshProtocolException e) {
            return ended(e);
        } catch (InterruptedIOException e) {
            throw e;
        } catch (IOException e) {
            if (!recognised) {
                throw e;
            }
            return AdminPage.incomplete(PATH, "The answer ended early: " + e.getMessage());
        }
        boolean cut = line.length() > 0;
        if (cut) {
            line(line.toString());
        }
        // Nothing at all is what a filter that fits nothing is answered with.
        if (!recognised && (any || cut)) {
            throw AdminPage.foreign(PATH, AdminPage.Form.TEXT);
        }
        return limit();
    }

    private void line(String line) {
        int colon = line.indexOf(": ");
        if (colon <= 0) {
            return;
        }
        String name = line.substring(0, colon);
        String value = line.substring(colon + 2).strip();
        if (value.startsWith("\"")) {
            recognised = true;
            String inner = value.length() > 1 && value.endsWith("\"")
                    ? value.substring(1, value.length() - 1)
                    : value.substring(1);
            if (keep(name, inner.length())) {
                sink.value(name, inner);
            }
        } else if (value.equals("No recorded values")) {
            recognised = true;
            if (keep(name, 0)) {
                sink.histogram(name, List.of(), List.of(), List.of());
            }
        } else if (value.startsWith("P") && value.indexOf('(') > 0) {
            recognised = true;
            if (keep(name, 160)) {
                percentiles(name, value);
            }
        } else if (!value.isEmpty() && value.length() < 30 && value.chars().allMatch(c -> c >= '0' && c <= '9')) {
            recognised = true;
            if (keep(name, 0)) {
                BigInteger number = new BigInteger(value);
                sink.value(name, number.bitLength() < 64 ? (Object) number.longValue() : number);
            }
        }
    }

    private void percentiles(String name, String value) {
        List<Double> percentiles = new ArrayList<>();
        List<Double> interval = new ArrayList<>();
        List<Double> cumulative = new ArrayList<>();
        Matcher matcher = PERCENTILE.matcher(value);
        while (matcher.find() && percentiles.size() < MOST_PERCENTILES) {
            percentiles.add(decimal(matcher.group(1)));
            interval.add(decimal(matcher.group(2)));
            cumulative.add(decimal(matcher.group(3)));
        }
        sink.histogram(name, percentiles, interval, cumulative);
    }

    private static double decimal(String text) {
        try {
            return Double.parseDouble(text.strip());
        } catch (NumberFormatException e) {
            return Double.NaN;
        }
    }
}
