using System.CommandLine;
using System.Globalization;
using Catalog.Cli.Printing;
using Catalog.Sdk;

namespace Catalog.Cli.Commands;

/// <summary><c>catalog model …</c>: models, their versions, and where they serve.</summary>
internal static class ModelCommand
{
    public static Command Create() => new Command("model", "Models, their versions, and where they serve")
    {
        Register(),
        List(),
        Show(),
        Version(),
        Versions(),
        VersionVerbs.Files(NodeArgument.Model(versioned: true), Read),
        VersionVerbs.Urls(NodeArgument.Model(versioned: true), Read),
        VersionVerbs.Download(NodeArgument.Model(versioned: true), Read),
        VersionVerbs.Verify(NodeArgument.Model(versioned: true), (c, name, version, p, ct) => c.Models.VerifyAsync(name, version, p, ct)),
        VersionVerbs.Alias(NodeArgument.Model(), (c, name, alias, version, ct) => c.Models.SetAliasAsync(name, alias, version, ct)),
        VersionVerbs.Unalias(NodeArgument.Model(), (c, name, alias, ct) => c.Models.RemoveAliasAsync(name, alias, ct)),
        ModelFeaturesVerb.Create(),
        PredictionVerbs.Log(),
        PredictionVerbs.Trace(),
        Deploy(),
        Undeploy(),
        VersionVerbs.Retire(NodeArgument.Model(), (c, name, reason, ct) => c.Models.RetireAsync(name, reason, ct)),
    }.WithConnection();

    private static Task<VersionReader> Read(CatalogClient catalog, QualifiedName name, VersionRef version, CancellationToken ct) =>
        catalog.Models.ReadAsync(name, version, ct);

    private static Command Register()
    {
        var model = NodeArgument.Model();
        var owner = new Option<string>("--owner") { Description = "Team, service or person responsible", Required = true };
        var documentation = new Option<string?>("--documentation") { Description = "What it is" };
        var command = new Command("register", "Puts a model in the catalog") { owner, documentation };
        model.AddTo(command);
        return command.Does(async (call, ct) =>
        {
            var registration = new ModelRegistration(call.Required(owner), call.Value(documentation));
            call.Screen.Receipt(await call.Catalog.Models.RegisterAsync(call.Name(model), registration, ct), "registered");
        });
    }

    private static Command List()
    {
        var ns = new Option<string?>("--namespace") { Description = "Only this namespace" };
        var limit = SharedOptions.Limit();
        return new Command("list", "Lists models") { ns, limit }.Does((call, ct) => call.Screen.ListAsync(
            call.Catalog.Models.ListAsync(call.Value(ns), DatasetCommand.PageSize(call.Value(limit)), ct),
            call.Value(limit),
            ct,
            new("MODEL", m => m.Node.ToString()),
            new("LATEST", m => m.Latest.ToString(CultureInfo.InvariantCulture), Right: true),
            new("ALIASES", m => Pointers(m.Aliases)),
            new("DEPLOYED", m => Pointers(m.Deployments)),
            new("OWNER", m => m.Owner),
            new("UPDATED", m => Plain.Time(m.UpdatedAt)),
            new("", m => m.Retired ? "retired" : "")));
    }

    private static Command Show()
    {
        var model = NodeArgument.Model(versioned: true);
        model.Description = "namespace/name for the model, with @version for one version";
        var command = new Command("show", "Shows a model, or one of its versions");
        model.AddTo(command);
        return command.Does(async (call, ct) =>
        {
            if (call.Required(model).Version is { } version)
                Show(call.Screen, await call.Catalog.Models.GetVersionAsync(call.Name(model), version, ct));
            else
                Show(call.Screen, await call.Catalog.Models.GetAsync(call.Name(model), ct));
        });
    }

    private static void Show(Screen screen, Model m) => screen.Show(
        m,
        ("model", m.Node.ToString()),
        ("owner", m.Owner),
        ("documentation", m.Documentation),
        ("latest", m.Latest > 0 ? m.Latest.ToString(CultureInfo.InvariantCulture) : "no version yet"),
        ("aliases", Pointers(m.Aliases)),
        ("deployed", Pointers(m.Deployments)),
        ("predictions", m.PredictionLog is { IsOn: true } log ? $"kept for {Plain.Count(log.RetentionDays)} days at least" : null),
        ("registered", $"{Plain.Time(m.RegisteredAt)} by {m.RegisteredBy}"),
        ("updated", Plain.Time(m.UpdatedAt)),
        ("retired", m.Retired ? m.RetiredBecause ?? "yes" : null));

    private static void Show(Screen screen, ModelVersion v) => screen.Show(
        v,
        ("version", v.Node.ToString()),
        ("run", NodeId.Run(v.Run).ToString()),
        ("files", screen.Count(v.Files)),
        ("size", screen.Bytes(v.Bytes)),
        ("content hash", v.ContentHash),
        ("manifest hash", v.ManifestHash),
        ("message", v.Message),
        ("features", v.FeatureService?.ToString()),
        ("verified", Plain.Verified(v.LastVerified)),
        ("made", $"{Plain.Time(v.CreatedAt)} by {v.CreatedBy}"));

    private static Command Version()
    {
        var model = NodeArgument.Model();
        var paths = new Argument<string[]>("path") { Description = "The model's files and folders", Arity = ArgumentArity.OneOrMore };
        var run = new Option<string>("--run") { Description = "Id of the run that made them", Required = true };
        var inPlace = new Option<bool>("--in-place")
        {
            Description = "Register the files where they are, for the server to read; else they are uploaded",
        };
        var message = new Option<string?>("--message", "-m") { Description = "Why" };
        var key = new Option<string?>("--idempotency-key") { Description = "Calls with the same key make one version", HelpName = "key" };
        var service = new Option<string?>("--feature-service") { Description = "The feature service that it is served: namespace/name" };
        var command = new Command("version", "Makes the next version of a model from files")
        {
            paths, run, inPlace, message, service, key,
        };
        model.AddTo(command);
        return command.Does(async (call, ct) =>
        {
            var there = call.Value(inPlace);
            if (there && call.Required(paths).FirstOrDefault(Directory.Exists) is { } folder)
                throw new UsageException($"'{folder}' is a folder: with --in-place name its files, or let them be uploaded.");

            var version = new NewModelVersion
            {
                Sources = Array.ConvertAll<string, VersionSource>(
                    call.Required(paths), p => there ? new VersionSource.InPlace(p) : new VersionSource.Upload(p)),
                Message = call.Value(message),
                FeatureService = call.Value(service) is { } named ? ModelFeaturesVerb.Service(named) : null,
                IdempotencyKey = call.Value(key),
            };
            var id = RunCommand.ReadId(call.Required(run));
            call.Screen.Receipt(await call.WatchAsync(p => call.Catalog.Models.CommitAsync(call.Name(model), id, version, p, ct)), "made");
        });
    }

    private static Command Versions()
    {
        var model = NodeArgument.Model();
        var limit = SharedOptions.Limit();
        var command = new Command("versions", "Lists the versions of a model") { limit };
        model.AddTo(command);
        return command.Does((call, ct) => call.Screen.ListAsync(
            call.Catalog.Models.VersionsAsync(call.Name(model), DatasetCommand.PageSize(call.Value(limit)), ct),
            call.Value(limit),
            ct,
            new("VERSION", v => v.Node.ToString()),
            new("RUN", v => NodeId.Run(v.Run).ToString()),
            new("FILES", v => call.Screen.Count(v.Files), Right: true),
            new("SIZE", v => call.Screen.Bytes(v.Bytes), Right: true),
            new("MADE", v => Plain.Time(v.CreatedAt)),
            new("BY", v => v.CreatedBy),
            new("MESSAGE", v => v.Message)));
    }

    private static Command Deploy()
    {
        var model = NodeArgument.Model(versioned: true);
        var endpoint = new Argument<string>("endpoint") { Description = "Name of the endpoint that serves it" }.NotEmpty();
        var command = new Command("deploy", "Says that a version serves at an endpoint") { endpoint };
        model.AddTo(command);
        return command.Does(async (call, ct) => call.Screen.Receipt(
            await call.Catalog.Models.DeployAsync(call.Name(model), call.Required(endpoint), call.Version(model), ct),
            "deployed"));
    }

    private static Command Undeploy()
    {
        var model = NodeArgument.Model();
        var endpoint = new Argument<string>("endpoint") { Description = "Name of the endpoint" }.NotEmpty();
        var command = new Command("undeploy", "Says that a model no longer serves at an endpoint") { endpoint };
        model.AddTo(command);
        return command.Does(async (call, ct) => call.Screen.Receipt(
            await call.Catalog.Models.UndeployAsync(call.Name(model), call.Required(endpoint), ct),
            "undeployed"));
    }

    private static string Pointers(IReadOnlyDictionary<string, long>? pointers) =>
        string.Join(", ", pointers?.Select(p => $"{p.Key} → {p.Value}") ?? []);
}
