package dev.meshdx.source.internal.live;

import com.fasterxml.jackson.core.JsonProcessingException;
import dev.meshdx.error.MeshConnectionException;
import dev.meshdx.error.MeshException;
import dev.meshdx.error.MeshProtocolException;
import dev.meshdx.model.Json;
import dev.meshdx.model.internal.JsonReader;
import dev.meshdx.source.BodyReader;
import dev.meshdx.source.Deadline;
import dev.meshdx.source.internal.live.RefusedException.Answer;
import java.io.IOException;
import java.io.InputStream;
import java.io.PushbackInputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import okhttp3.Call;
import okhttp3.HttpUrl;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.Response;
import org.jspecify.annotations.Nullable;

/** Sends GET requests to the API server, again where it says "later", and turns what goes wrong into our exceptions. */
final class ApiServer {
    static final String JSON = "application/json";
    private static final int ERROR_BODY = 64 * 1024;

    /**
     * A server that goes on failing after so many questions, each of them asked several times, is asked once only until it
     * answers again: a question that reads forty kinds must not wait forty times.
     */
    private static final int PATIENCE = 3;

    private final OkHttpClient http;
    private final HttpUrl server;
    private final AtomicInteger givenUp = new AtomicInteger();

    ApiServer(OkHttpClient http, HttpUrl server) {
        this.http = http;
        this.server = server;
    }

    /** A URL below the server's, which may have a path of its own (as behind Rancher). */
    HttpUrl.Builder url(String... segments) {
        HttpUrl.Builder url = server.newBuilder();
        for (String segment : segments) {
            url.addPathSegment(segment);
        }
        return url;
    }

    /**
     * Asks, and lets the reader have the body of a 200.
     *
     * @throws RefusedException if the answer is another one, and no "later" that went away
     */
    <T> T get(Workers.Ticket ticket, Question question, HttpUrl url, Deadline deadline, BodyReader<T> reader)
            throws RefusedException, InterruptedException {
        return ask(ticket, question, url, "*/*", deadline, (body, credential) -> reader.read(body));
    }

    /** As {@code get}, where the body must be a JSON object. */
    <T> T json(
            Workers.Ticket ticket,
            Question question,
            HttpUrl url,
            String accept,
            Deadline deadline,
            BodyReader<T> reader)
            throws RefusedException, InterruptedException {
        return ask(
                ticket,
                question,
                url,
                accept,
                deadline,
                (body, credential) -> reader.read(json(question.what(), body, credential)));
    }

    @FunctionalInterface
    private interface Reader<T> {
        T read(InputStream body, @Nullable String credential) throws IOException;
    }

    private <T> T ask(
            Workers.Ticket ticket, Question question, HttpUrl url, String accept, Deadline deadline, Reader<T> reader)
            throws RefusedException, InterruptedException {
        Request request =
                new Request.Builder().url(url).header("Accept", accept).build();
        Backoff backoff = new Backoff(deadline);
        while (true) {
            deadline.require(question.what());
            Call call = http.newCall(request);
            // Covers everything from the name's look-up to the last byte of the body.
            call.timeout().timeout(Math.max(1, deadline.remaining().toNanos()), TimeUnit.NANOSECONDS);
            ticket.track(call);
            Answer answer;
            String retryAfter;
            try (Response response = execute(call, question, deadline)) {
                String credential = credential(response);
                if (response.code() == 200) {
                    givenUp.set(0);
                    requireNoWebPage(response, question.what(), deadline, credential);
                    return answer(question.what(), response, deadline, reader, credential);
                }
                answer = answer(response, question.what(), deadline, credential);
                retryAfter = response.header("Retry-After");
            }
            if (!Backoff.isTemporary(answer.code())) {
                givenUp.set(0);
                throw new RefusedException(answer);
            }
            if (givenUp.get() >= PATIENCE || !backoff.pause(retryAfter)) {
                givenUp.incrementAndGet();
                throw new RefusedException(answer);
            }
        }
    }

    private static <T> T answer(
            String what, Response response, Deadline deadline, Reader<T> reader, @Nullable String credential) {
        try {
            return read(what, response.body().byteStream(), deadline, body -> reader.read(body, credential));
        } catch (MeshProtocolException e) {
            String message = String.valueOf(e.getMessage());
            String safe = PlainText.of(message, credential);
            // Whatever of the answer is quoted, it must not be our own token.
            throw safe.contains(PlainText.REDACTED) && !message.contains(PlainText.REDACTED)
                    ? new MeshProtocolException(safe, e.remedy(), null)
                    : e;
        }
    }

    /** What we proved ourselves with, so that a server that echoes it does not get it into a message. */
    private static @Nullable String credential(Response response) {
        Response network = response.networkResponse();
        return network == null ? null : network.request().header("Authorization");
    }

    private Response execute(Call call, Question question, Deadline deadline) {
        try {
            return call.execute();
        } catch (IOException e) {
            throw Failures.beforeAnswer(question.what(), server, e, deadline);
        }
    }

    /** Lets a reader loose on a body, and puts what it throws into our words. */
    static <T> T read(String what, InputStream body, Deadline deadline, BodyReader<T> reader) {
        BodyStream stream = new BodyStream(body, what, deadline);
        try {
            return reader.read(stream);
        } catch (MeshProtocolException e) {
            String message = String.valueOf(e.getMessage());
            throw message.startsWith(what) ? e : new MeshProtocolException(what + ": " + message, e.remedy(), e);
        } catch (IOException e) {
            throw unreadable(what, e);
        } catch (UncheckedIOException e) {
            throw unreadable(what, e.getCause());
        }
    }

    private static MeshException unreadable(String what, @Nullable IOException e) {
        if (e instanceof JsonProcessingException json) {
            return new MeshProtocolException(
                    what + ": " + JsonReader.malformed(json).getMessage(), "", null);
        }
        return new MeshProtocolException(
                what + ": the answer could not be read: " + PlainText.of(e == null ? "" : e.getMessage()) + ".", "", e);
    }

    /** The start of a JSON object; what is clearly something else is refused by name. */
    private static InputStream json(String what, InputStream body, @Nullable String credential) throws IOException {
        PushbackInputStream in = new PushbackInputStream(body, 1);
        int first;
        do {
            first = in.read();
        } while (first == ' ' || first == '\n' || first == '\r' || first == '\t');
        if (first < 0) {
            throw new MeshProtocolException(what + ": the answer is empty.");
        }
        in.unread(first);
        if (first == '<') {
            throw html(what, new String(in.readNBytes(4096), StandardCharsets.UTF_8), credential);
        }
        return in;
    }

    /** The API server has no web pages: whatever was asked for, a log too, this is somebody else's answer. */
    private static void requireNoWebPage(
            Response response, String what, Deadline deadline, @Nullable String credential) {
        String type = String.valueOf(response.header("Content-Type")).toLowerCase(Locale.ROOT);
        if (type.startsWith("text/html")) {
            throw read(
                    what,
                    response.body().byteStream(),
                    deadline,
                    body -> html(what, new String(body.readNBytes(4096), StandardCharsets.UTF_8), credential));
        }
    }

    private static MeshProtocolException html(String what, String page, @Nullable String credential) {
        return new MeshProtocolException(
                what + ": a web page" + PlainText.title(page, credential) + " was answered instead of JSON.",
                "Something in front of the API server answers (a login page, a proxy): check the server's address in the"
                        + " kubeconfig, and log in.",
                null);
    }

    private static Answer answer(Response response, String what, Deadline deadline, @Nullable String credential) {
        String body;
        try {
            body = new String(
                    new BodyStream(response.body().byteStream(), what, deadline).readNBytes(ERROR_BODY),
                    StandardCharsets.UTF_8);
        } catch (MeshProtocolException | IOException cutOff) {
            body = "";
        }
        Json status = status(body);
        String text = status.exists() ? status.at("message").text("") : body;
        if (PlainText.isHtml(text)) {
            text = "a web page" + PlainText.title(text, credential);
        }
        return new Answer(response.code(), status, PlainText.of(text, credential), body);
    }

    /** The Status object in a body. Source: Kubernetes API conventions, "Response Status Kind". */
    static Json status(String body) {
        if (!body.stripLeading().startsWith("{")) {
            return Json.MISSING;
        }
        try {
            Json json = Json.parse(body);
            return json.at("kind").text("").equals("Status") ? json : Json.MISSING;
        } catch (MeshProtocolException e) {
            return Json.MISSING;
        }
    }

    /** The exception for an answer that no caller knows better. */
    static MeshException refused(Question question, Answer answer) {
        String says = answer.text().isEmpty() ? "." : ": " + answer.text();
        if (answer.code() == 401) {
            return question.unauthorized(answer.text());
        }
        if (answer.code() == 403) {
            return question.forbidden(answer.text());
        }
        if (answer.code() == 429) {
            return new MeshConnectionException(
                    question.what() + ": the API server is overloaded and asks to come again later (429)" + says,
                    "Ask again later, or with less parallelism and a longer deadline.");
        }
        if (answer.code() >= 500) {
            return new MeshConnectionException(
                    question.what() + ": the API server answered " + answer.code() + says,
                    "Ask again; if it goes on, look at the API server (kubectl get --raw /readyz?verbose) and at proxies"
                            + " in front of it.");
        }
        if (answer.code() >= 300 && answer.code() < 400) {
            return new MeshProtocolException(
                    question.what() + ": redirected (" + answer.code() + ") instead of answered.",
                    "Something in front of the API server answers (a login page?): check the server's address, and log"
                            + " in.",
                    null);
        }
        return new MeshProtocolException(
                question.what() + ": the API server answered " + answer.code() + says, "", null);
    }
}
