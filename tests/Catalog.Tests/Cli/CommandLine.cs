using Catalog.Cli;
using Catalog.Sdk;
using Catalog.Tests.Sdk;

namespace Catalog.Tests.Cli;

/// <summary>Runs a command line against a stand-in for the server, and keeps what it printed.</summary>
internal sealed class CommandLine
{
    public StandInServer Server { get; } = new();

    public Func<Stream> OpenOut { get; set; } = () => Stream.Null;

    /// <summary>What a person answers; null where nobody can be asked.</summary>
    public string? In { get; set; }

    public bool OutIsTerminal { get; set; }

    public bool ErrorIsTerminal { get; set; }

    public string Out { get; private set; } = "";

    public string Error { get; private set; } = "";

    public Task<int> RunAsync(params string[] args) => RunAsync(args, CancellationToken.None);

    public async Task<int> RunAsync(string[] args, CancellationToken ct)
    {
        await using var output = new StringWriter();
        await using var error = new StringWriter();
        var terminal = new Terminal
        {
            Out = output,
            Error = error,
            In = new StringReader(In ?? ""),
            InIsTerminal = In is not null,
            OutIsTerminal = OutIsTerminal,
            ErrorIsTerminal = ErrorIsTerminal,
            OpenOut = OpenOut,
            Connect = (_, _, options) => new CatalogClient(
                new Uri("http://catalog.test"), "cat_test_secret", options with { Handler = Server, Time = Server.Clock, MaxRetries = 0 }),
        };
        var code = await CatalogCommand.RunAsync(args, terminal, ct);
        (Out, Error) = (output.ToString(), error.ToString());
        return code;
    }
}
