using System.CommandLine;
using System.Globalization;
using Catalog.Cli.Printing;
using Catalog.Sdk;

namespace Catalog.Cli.Commands;

/// <summary><c>catalog dataset …</c>: what a dataset is. Its versions are in <see cref="DatasetVersionVerbs"/>.</summary>
internal static class DatasetCommand
{
    public static Command Create()
    {
        var dataset = new Command("dataset", "Datasets and their versions")
        {
            Register(),
            List(),
            Show(),
            Describe(),
            Tag("tag", "Adds tags to a dataset or a column", "tagged", (c, name, tag, column, ct) => c.TagAsync(name, tag, column, ct)),
            Tag("untag", "Takes tags away", "untagged", (c, name, tag, column, ct) => c.UntagAsync(name, tag, column, ct)),
            SetCompatibility(),
        };
        foreach (var verb in DatasetVersionVerbs.All())
            dataset.Subcommands.Add(verb);

        return dataset.WithConnection();
    }

    private static Command Register()
    {
        var dataset = NodeArgument.Dataset();
        var owner = new Option<string>("--owner") { Description = "Team, service or person responsible", Required = true };
        var documentation = new Option<string?>("--documentation") { Description = "What it is" };
        var tags = new Option<string[]>("--tag") { Description = "A tag; may be given several times" };
        var command = new Command("register", "Puts a dataset in the catalog") { owner, documentation, tags };
        dataset.AddTo(command);
        return command.Does(async (call, ct) =>
        {
            var registration = new Registration(call.Required(owner), call.Value(documentation), call.Value(tags));
            call.Screen.Receipt(await call.Catalog.Datasets.RegisterAsync(call.Name(dataset), registration, ct), "registered");
        });
    }

    private static Command List()
    {
        var ns = new Option<string?>("--namespace") { Description = "Only this namespace" };
        var tag = new Option<string?>("--tag") { Description = "Only datasets with this tag" };
        var limit = SharedOptions.Limit();
        return new Command("list", "Lists datasets") { ns, tag, limit }.Does((call, ct) => call.Screen.ListAsync(
            call.Catalog.Datasets.ListAsync(new DatasetQuery(call.Value(ns), call.Value(tag), PageSize(call.Value(limit))), ct),
            call.Value(limit),
            ct,
            new("DATASET", d => d.Node.ToString()),
            new("LATEST", d => d.Latest.ToString(CultureInfo.InvariantCulture), Right: true),
            new("OWNER", d => d.Owner),
            new("TAGS", d => string.Join(", ", d.Tags ?? [])),
            new("UPDATED", d => Plain.Time(d.UpdatedAt)),
            new("", d => d.Retired ? "retired" : "")));
    }

    private static Command Show()
    {
        var dataset = NodeArgument.Dataset(versioned: true);
        dataset.Description = "namespace/name for the dataset, with @version for one version";
        var command = new Command("show", "Shows a dataset, or one of its versions");
        dataset.AddTo(command);
        return command.Does(async (call, ct) =>
        {
            if (call.Required(dataset).Version is { } version)
                DatasetVersionVerbs.Show(call.Screen, await call.Catalog.Datasets.GetVersionAsync(call.Name(dataset), version, ct));
            else
                Show(call.Screen, await call.Catalog.Datasets.GetAsync(call.Name(dataset), ct));
        });
    }

    private static void Show(Screen screen, Dataset d) => screen.Show(
        d,
        ("dataset", d.Node.ToString()),
        ("owner", d.Owner),
        ("documentation", d.Documentation),
        ("tags", string.Join(", ", d.Tags ?? [])),
        ("column tags", string.Join("; ", d.ColumnTags?.Select(c => $"{c.Key}: {string.Join(", ", c.Value)}") ?? [])),
        ("licence", d.Datasheet?.Licence),
        ("origin", d.Datasheet?.Origin),
        ("collection", d.Datasheet?.Collection),
        ("legal basis", d.Datasheet?.LegalBasis),
        ("intended use", d.Datasheet?.IntendedUse),
        ("known limits", d.Datasheet?.KnownLimits),
        ("compatibility", d.Compatibility.ToString().ToLowerInvariant()),
        ("latest", d.Latest > 0 ? d.Latest.ToString(CultureInfo.InvariantCulture) : "no version yet"),
        ("aliases", string.Join(", ", d.Aliases?.Select(a => $"{a.Key} → {a.Value}") ?? [])),
        ("columns", SchemaText.List(d.Schema)),
        ("registered", $"{Plain.Time(d.RegisteredAt)} by {d.RegisteredBy}"),
        ("updated", Plain.Time(d.UpdatedAt)),
        ("retired", d.Retired ? d.RetiredBecause ?? "yes" : null),
        ("etag", d.ETag));

    private static Command Describe()
    {
        var dataset = NodeArgument.Dataset();
        var owner = new Option<string?>("--owner") { Description = "Who is responsible" };
        var documentation = new Option<string?>("--documentation") { Description = "What it is" };
        var licence = new Option<string?>("--licence") { Description = "Under what licence" };
        var origin = new Option<string?>("--origin") { Description = "Where the data comes from" };
        var collection = new Option<string?>("--collection") { Description = "How it was collected" };
        var legalBasis = new Option<string?>("--legal-basis") { Description = "Why it may be kept" };
        var intendedUse = new Option<string?>("--intended-use") { Description = "What it is for" };
        var knownLimits = new Option<string?>("--known-limits") { Description = "What it is not good for" };
        var ifMatch = new Option<string?>("--if-match")
        {
            Description = "The etag that dataset show printed; refused when the dataset changed since",
            HelpName = "etag",
        };
        var command = new Command("describe", "Says who owns a dataset, what it is, and where it comes from; what is not given stays")
        {
            owner, documentation, licence, origin, collection, legalBasis, intendedUse, knownLimits, ifMatch,
        };
        dataset.AddTo(command);
        return command.Does(async (call, ct) =>
        {
            var sheet = new Datasheet(
                call.Value(licence),
                call.Value(origin),
                call.Value(collection),
                call.Value(legalBasis),
                call.Value(intendedUse),
                call.Value(knownLimits));
            var description = new Description(call.Value(owner), call.Value(documentation), sheet == new Datasheet() ? null : sheet);
            if (description == new Description())
                throw new UsageException("Say what to change: --owner, --documentation, --licence, …");

            call.Screen.Receipt(await DescribeAsync(call, call.Name(dataset), description, Quoted(call.Value(ifMatch)), ct), "described");
        });
    }

    /// <summary>An ETag has quotes (RFC 9110), which a shell takes away.</summary>
    private static string? Quoted(string? etag) => etag is null or ['"', ..] ? etag : $"\"{etag}\"";

    /// <summary>
    /// A datasheet is replaced whole, so lines that are not given are taken from the one there is, as long as nobody else writes.
    /// </summary>
    private static async Task<Receipt> DescribeAsync(
        Call call, QualifiedName name, Description description, string? ifMatch, CancellationToken ct)
    {
        if (description.Datasheet is not { } sheet)
            return await call.Catalog.Datasets.DescribeAsync(name, description, ifMatch, ct);

        var now = await call.Catalog.Datasets.GetAsync(name, ct);
        var old = now.Datasheet ?? new Datasheet();
        var whole = new Datasheet(
            sheet.Licence ?? old.Licence,
            sheet.Origin ?? old.Origin,
            sheet.Collection ?? old.Collection,
            sheet.LegalBasis ?? old.LegalBasis,
            sheet.IntendedUse ?? old.IntendedUse,
            sheet.KnownLimits ?? old.KnownLimits);
        return await call.Catalog.Datasets.DescribeAsync(name, description with { Datasheet = whole }, ifMatch ?? now.ETag, ct);
    }

    private static Command Tag(
        string verb,
        string description,
        string done,
        Func<DatasetClient, QualifiedName, string, string?, CancellationToken, Task<Receipt>> change)
    {
        var dataset = NodeArgument.Dataset(columns: true);
        var tags = new Argument<string[]>("tag") { Description = "One or more tags", Arity = ArgumentArity.OneOrMore }.NotEmpty();
        var column = new Option<string?>("--column") { Description = "The column that is meant; or write namespace/name#column" };
        var command = new Command(verb, description) { tags, column };
        dataset.AddTo(command);
        return command.Does(async (call, ct) =>
        {
            var receipts = new List<TagReceipt>();
            try
            {
                foreach (var tag in call.Required(tags))
                {
                    var receipt = await change(
                        call.Catalog.Datasets, call.Name(dataset), tag, call.Value(column) ?? call.Required(dataset).Column, ct);
                    receipts.Add(new TagReceipt(receipt.Node, tag, receipt.Changed, receipt.Position, receipt.ETag));
                    if (!call.Screen.IsJson)
                        call.Screen.Line($"{receipt.Node} {(receipt.Changed ? done : "unchanged")}: {tag}");
                }
            }
            finally
            {
                // What was done is said also when the next tag is refused.
                if (call.Screen.IsJson)
                    call.Screen.Json(receipts);
            }
        });
    }

    private static Command SetCompatibility()
    {
        var dataset = NodeArgument.Dataset();
        var mode = new Argument<string>("mode")
        {
            Description = "backward: versions that would break readers are refused; none: anything goes",
        };
        mode.AcceptOnlyFromAmong("none", "backward");
        var command = new Command("compatibility", "Declares what new versions may do to readers") { mode };
        dataset.AddTo(command);
        return command.Does(async (call, ct) =>
        {
            var wanted = call.Required(mode) == "backward" ? Compatibility.Backward : Compatibility.None;
            call.Screen.Receipt(
                await call.Catalog.Datasets.SetCompatibilityAsync(call.Name(dataset), wanted, ct), $"compatibility {call.Required(mode)}");
        });
    }

    /// <summary>What one of several tags left behind.</summary>
    private sealed record TagReceipt(NodeId Node, string Tag, bool Changed, long Position, string? ETag);

    internal static int PageSize(int? limit) => Math.Min(limit ?? 100, 1000);
}
