package dev.meshdx.examples.cli;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
        name = "explain",
        description = "Prints the page of a finding code.",
        mixinStandardHelpOptions = true,
        footer = {"", "Example:  meshdx explain IST0101"})
final class ExplainCommand implements Callable<Integer> {
    @Spec
    @SuppressWarnings("NullAway.Init")
    CommandSpec spec;

    @Parameters(paramLabel = "CODE", description = "Such as IST0101.")
    String code = "";

    @Override
    public Integer call() throws IOException {
        String wanted = code.toUpperCase(Locale.ROOT);
        boolean plausible = wanted.matches("(IST|MDX)[0-9]{4}");
        try (InputStream page = plausible
                ? ExplainCommand.class.getResourceAsStream("/findings/" + wanted + ".md")
                : InputStream.nullInputStream()) {
            if (!plausible || page == null) {
                spec.commandLine()
                        .getErr()
                        .println("meshdx: there is no page for " + wanted
                                + "; codes look like IST0101 or MDX0301, and docs/findings has them all.");
                return Meshdx.USAGE;
            }
            spec.commandLine().getOut().print(new String(page.readAllBytes(), StandardCharsets.UTF_8));
            spec.commandLine().getOut().flush();
            return 0;
        }
    }
}
