package dev.meshdx.examples.cli;

import dev.meshdx.model.Json;
import java.io.ByteArrayInputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;

/** What a command wrote, and its exit code. */
record Run(int exit, String out, String err) {
    static Run meshdx(String... args) {
        return with("", Terminal.NONE, args);
    }

    static Run with(String input, Terminal terminal, String... args) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        int exit = Meshdx.run(
                new ByteArrayInputStream(input.getBytes(StandardCharsets.UTF_8)),
                new PrintWriter(out),
                new PrintWriter(err),
                terminal,
                args);
        return new Run(exit, out.toString(), err.toString());
    }

    /** Standard output, which must be one JSON document and nothing else. */
    Json json() {
        return Json.parse(out);
    }
}
