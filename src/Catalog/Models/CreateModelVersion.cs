using System.Text.Json.Serialization;
using Catalog.Access;
using Catalog.Datasets;
using Catalog.FeatureServices;
using Catalog.Integrity;
using Catalog.Jobs;
using Catalog.Manifests;
using Catalog.Platform;
using Catalog.Platform.Http;
using Catalog.Platform.Writes;
using FluentValidation;
using Marten;
using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Catalog.Models;

/// <summary>Makes a model's next version from the artifact files of a run.</summary>
public static class CreateModelVersion
{
    /// <param name="Run">The run that trained it; it must be running.</param>
    /// <param name="Files">Artifacts: uploaded objects by hash, or files registered in place by URI.</param>
    /// <param name="IdempotencyKey">
    /// The same key again, on the same model, answers with the version that was made, or found to be there already, the first time.
    /// </param>
    /// <param name="Message">Why.</param>
    /// <param name="FeatureService">
    /// Whose features it is served: its newest version unless one is named. Left out of what is hashed for the key where there is none, so
    /// that keys of older requests stay good.
    /// </param>
    public sealed record Body(
        Guid Run, IReadOnlyList<FileSource> Files, string? IdempotencyKey = null, string? Message = null,
        [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] NodeId? FeatureService = null);

    public sealed record Command(string Namespace, string Name, Body Version, IProgress<IntakeProgress>? Progress)
        : IRequest<Outcome<VersionReceipt>>;

    public sealed record VersionReceipt(NodeId Node, bool Changed, long Position, long? Version, long StreamVersion, string? ContentHash)
        : Receipt(Node, Changed, Position, Version, StreamVersion);

    public sealed class Validator : AbstractValidator<Command>
    {
        public Validator()
        {
            RuleFor(c => c.Version.Files).NotEmpty().WithMessage("must hold at least one artifact.").OverridePropertyName("files");
            RuleForEach(c => c.Version.Files).NotNull().SetValidator(new FileSource.Validator()).OverridePropertyName("files");
            RuleFor(c => c.Version.IdempotencyKey).IsIdempotencyKey().OverridePropertyName("idempotencyKey");
            RuleFor(c => c.Version.Message).IsText(Limits.Message).OverridePropertyName("message");
        }
    }

    /// <summary>Pure: the artifacts were read and hashed before, and the feature service is named by number.</summary>
    internal static Decision Decide(Model? state, Run? run, NodeId model, Body c, Content content, string? digest)
    {
        if (!ModelRules.Writable(state, model, out var no))
            return no;
        if (state.LatestContent == content.ContentHash && state.LatestRun == c.Run)
            return Repeated(state, c, digest);
        if (RunRules.NotRunning(run, c.Run, out var notRunning))
            return notRunning;

        var number = state.Latest + 1;
        var made = new ModelVersionCreated(
            number, c.Run, content.ContentHash, ManifestHash.Compute(content.RootOn(Parent(number), c.Run, c.Message)),
            content.Files, content.Bytes, c.Message, c.IdempotencyKey, digest);
        return Decision.Accept([made, .. Features(state, number, c.FeatureService), new RunOutputRecorded(model.WithVersion(number))]);
    }

    /// <summary>The version is there already; that its key stands for it is a fact all the same, and so is what it is served.</summary>
    private static Decision Repeated(Model state, Body c, string? digest)
    {
        object[] facts =
        [
            .. c.IdempotencyKey is { } key && digest is not null
                ? [new ModelCommitRepeated(state.Latest, key, digest)]
                : Array.Empty<object>(),
            .. Features(state, state.Latest, c.FeatureService),
        ];
        return facts.Length == 0 ? Decision.Unchanged : Decision.Accept(facts);
    }

    private static IEnumerable<object> Features(Model state, long number, NodeId? service)
    {
        if (service is { } wanted && !(state.FeatureServices.TryGetValue(number, out var named) && named == wanted))
            yield return new ModelFeaturesNamed(number, wanted);
    }

    private static long? Parent(long number) => number == 1 ? null : number - 1;

    internal sealed class Handler(
        WritePath writes, Gate gate, IQuerySession pages, States states, Intake intake, UploadedObjects uploaded,
        FeatureServiceLookup services)
        : IRequestHandler<Command, Outcome<VersionReceipt>>
    {
        public async Task<Outcome<VersionReceipt>> Handle(Command c, CancellationToken ct)
        {
            var model = NodeId.Model(c.Namespace, c.Name);
            if ((gate.Ask(Act.Commit, model).Refusal ?? gate.Ask(Act.Run, NodeId.Run(c.Version.Run)).Refusal
                    ?? (c.Version.FeatureService is { } named ? gate.Ask(Act.Read, named).Refusal : null)) is { } no)
                return no;

            var digest = RequestDigest.Of(c.Version.IdempotencyKey, c.Version);
            if (await FindAsync(model, c.Version.IdempotencyKey, digest, ct) is { } earlier)
                return earlier;
            if (!ModelRules.Writable(await states.PeekAsync<Model>(model.StreamId, ct), model, out var refusal))
                return Problem.Refused(refusal);

            var body = await WithServiceAsync(c.Version, ct);
            if (!body.Succeeded)
                return body.Problem;
            if (await uploaded.WhyNotAsync(model, c.Version.Files, ct) is { } notTheirs)
                return notTheirs;
            var read = await intake.ReadAsync(c.Version.Files, dirs: null, format: null, c.Progress, ct);
            if (!read.Succeeded)
                return read.Problem;
            var content = Intake.Artifacts(read.Value);
            return content.Succeeded ? await CommitAsync(model, body.Value, content.Value, digest, ct) : content.Problem;
        }

        /// <summary>With the feature service by number.</summary>
        private async Task<Outcome<Body>> WithServiceAsync(Body body, CancellationToken ct)
        {
            if (body.FeatureService is not { } named)
                return body;
            var service = await services.FindAsync(named, ct);
            return service.Succeeded ? body with { FeatureService = service.Value.Node } : service.Problem;
        }

        private async Task<Outcome<VersionReceipt>> CommitAsync(
            NodeId model, Body body, Content content, string? digest, CancellationToken ct)
        {
            void Beside(SideRows rows, IReadOnlyList<object> facts)
            {
                if (facts.OfType<ModelVersionCreated>().FirstOrDefault() is { } made)
                    ManifestStore.Store(rows, content, content.RootOn(Parent(made.Number), made.Run, made.Message));
            }

            try
            {
                var written = await writes.DecideAsync<Model, Run>(
                    model.StreamId, Run.StreamId(body.Run), (m, r) => Decide(m, r, model, body, content, digest), ct, Beside);
                if (written.Decision is Decision.Refused refused)
                    return Problem.Refused(refused);

                var facts = (written.Decision as Decision.Accepted)?.Facts ?? [];
                var made = facts.OfType<ModelVersionCreated>().FirstOrDefault();
                var number = made?.Number ?? (written.State as Model)?.Latest ?? 0;
                return new VersionReceipt(
                    model.WithVersion(number), facts.Any(f => f is ModelVersionCreated or ModelFeaturesNamed), written.Position, number,
                    written.StreamVersion, content.ContentHash);
            }
            catch (Exception e) when (CommitKeys.IsRepeated(e))
            {
                return await FindAsync(model, body.IdempotencyKey, digest, ct)
                    ?? throw new InvalidOperationException($"The idempotency key was taken on {model}, and its version is not there.", e);
            }
        }

        private async Task<Outcome<VersionReceipt>?> FindAsync(NodeId model, string? key, string? digest, CancellationToken ct)
        {
            if (key is null || await CommitKeys.FindAsync(pages, model.StreamId, key, ct) is not { } used)
                return null;
            if (used.RequestDigest != digest)
                return VersionReceipts.KeyReused(model.WithVersion(used.Number));
            var page = await pages.LoadAsync<ModelVersionPage>(ModelVersionPages.Id(model.StreamId, used.Number), ct)
                ?? throw new InvalidOperationException($"{model}@{used.Number} has no page.");
            var (version, position) = await states.FindEndAsync(model.StreamId, ct);
            return new VersionReceipt(NodeId.Parse(page.Id), Changed: false, position, page.Number, version, page.ContentHash);
        }
    }

    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapPost(
                "/v1/models/{ns}/{name}/versions",
                (Segment ns, Segment name, Body body, HttpContext http, IMediator mediator, CancellationToken ct) =>
                    Ndjson.RunAsync<IntakeProgress, VersionReceipt>(
                        http, (progress, token) => mediator.Send(new Command(ns, name, body, progress), token), created: true, ct))
            .Answers<VersionReceipt>(
                "CreateModelVersion", "Make a model's next version from a run's artifacts", created: true, also: ProblemKind.Unprocessable);
}
