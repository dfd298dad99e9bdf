using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Catalog.Sdk;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace Catalog.Cli.Printing;

/// <summary>A column of a listing.</summary>
/// <param name="Title">Heading.</param>
/// <param name="Value">What a row has there.</param>
/// <param name="Right">Numbers stand to the right.</param>
/// <param name="PipesOnly">Too wide for a table; other tools get it.</param>
internal sealed record Shown<T>(string Title, Func<T, string?> Value, bool Right = false, bool PipesOnly = false);

/// <summary>
/// Prints answers: as one JSON value; for people, as tables; and into pipes as tab-separated lines without headings, for other tools.
/// </summary>
internal sealed class Screen(Terminal terminal, bool json)
{
    private const int TableRows = 500;

    private static readonly JsonSerializerOptions JsonOptions = new(JsonSerializerDefaults.Web)
    {
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase), new AsSent() },
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        MaxDepth = 300, // facets of others, in an answer of ours
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
    };

    public bool IsJson => json;

    /// <summary>A person reads, and not another tool.</summary>
    public bool IsForPeople => terminal.OutIsTerminal && !json;

    /// <summary>The one JSON value of this command.</summary>
    public void Json<T>(T value) => terminal.Out.WriteLine(JsonSerializer.Serialize(value, JsonOptions));

    /// <summary>What a write did: the node, and one word.</summary>
    public void Receipt(Receipt receipt, string done)
    {
        if (json)
            Json(receipt);
        else
            Line($"{receipt.Node} {(receipt.Changed ? done : "unchanged")}");
    }

    public void Receipt(CommitReceipt receipt, string done)
    {
        if (json)
            Json(receipt);
        else
            Line($"{receipt.Node} {(receipt.Changed ? done : "unchanged")}");
    }

    public void Receipt(AccessReceipt receipt, string done)
    {
        if (json)
            Json(receipt);
        else
            Line($"{receipt.Id} {(receipt.Changed ? done : "unchanged")}");
    }

    /// <summary>A number: grouped for people, bare for other tools.</summary>
    public string Count(long? count) => terminal.OutIsTerminal ? Plain.Count(count) : Plain.Bare(count);

    /// <summary>A size: with a unit for people, in bytes for other tools.</summary>
    public string Bytes(long? bytes) => terminal.OutIsTerminal ? Plain.Bytes(bytes) : Plain.Bare(bytes);

    public void Line(string text) => terminal.Out.WriteLine(Plain.Line(text));

    /// <summary>A line for other tools: what is in it is separated by tabs.</summary>
    public void Row(params ReadOnlySpan<string> values)
    {
        var cells = new string[values.Length];
        for (var i = 0; i < values.Length; i++)
            cells[i] = Plain.Line(values[i]);
        terminal.Out.WriteLine(string.Join('\t', cells));
    }

    /// <summary>One thing, a line a member. Members without a value are left out.</summary>
    public void Show<T>(T thing, params ReadOnlySpan<(string Label, string? Value)> members)
    {
        if (json)
        {
            Json(thing);
            return;
        }

        var grid = new Grid().AddColumn(new GridColumn().NoWrap().PadRight(3)).AddColumn(new GridColumn());
        foreach (var (label, value) in members)
        {
            if (string.IsNullOrEmpty(value))
                continue;

            if (terminal.OutIsTerminal)
                grid.AddRow(new Text(label, new Style(Color.Grey)), new Text(Plain.Text(value)));
            else
                terminal.Out.WriteLine($"{label}\t{Plain.Line(value.ReplaceLineEndings("; "))}");
        }

        if (terminal.OutIsTerminal)
            Render(grid);
    }

    /// <summary>Many things, as they come.</summary>
    public async Task ListAsync<T>(IAsyncEnumerable<T> items, int? limit, CancellationToken ct, params Shown<T>[] columns)
    {
        var wanted = limit is { } most ? items.Take(most) : items;
        if (json)
        {
            Json(await wanted.ToListAsync(ct));
        }
        else if (terminal.OutIsTerminal)
        {
            var any = false;
            await foreach (var rows in wanted.Chunk(TableRows).WithCancellation(ct))
            {
                any = true;
                Render(ToTable(rows, Array.FindAll(columns, c => !c.PipesOnly)));
            }

            if (!any)
                terminal.Error.WriteLine("There is nothing to list.");
        }
        else
        {
            await foreach (var item in wanted.WithCancellation(ct))
                terminal.Out.WriteLine(Row(item, columns));
        }
    }

    /// <summary>A few things of an answer: a table for people, lines for other tools.</summary>
    public void Table<T>(IReadOnlyCollection<T> items, params Shown<T>[] columns)
    {
        if (terminal.OutIsTerminal)
        {
            Render(ToTable(items, Array.FindAll(columns, c => !c.PipesOnly)));
            return;
        }

        foreach (var item in items)
            terminal.Out.WriteLine(Row(item, columns));
    }

    public void Render(IRenderable content)
    {
        var console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Out = new AnsiConsoleOutput(terminal.Out),
            Ansi = terminal.OutIsTerminal ? AnsiSupport.Detect : AnsiSupport.No,
            ColorSystem = terminal.OutIsTerminal ? ColorSystemSupport.Detect : ColorSystemSupport.NoColors,
            Interactive = InteractionSupport.No,
        });
        if (!terminal.OutIsTerminal)
            console.Profile.Width = 10_000;
        console.Write(content);
    }

    private static string Row<T>(T item, Shown<T>[] columns) => string.Join('\t', columns.Select(c => Plain.Line(c.Value(item))));

    public static Table ToTable<T>(IEnumerable<T> rows, Shown<T>[] columns)
    {
        var table = new Table().Border(TableBorder.None);
        foreach (var column in columns)
        {
            var heading = new TableColumn(new Text(column.Title, new Style(Color.Grey))).PadRight(2).PadLeft(0);
            table.AddColumn(column.Right ? heading.RightAligned() : heading);
        }

        foreach (var row in rows)
            table.AddRow([.. columns.Select(c => new Text(Plain.Line(c.Value(row))))]);

        return table;
    }
}
