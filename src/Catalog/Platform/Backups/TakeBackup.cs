using Catalog.Access;
using Catalog.Platform.Http;
using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Routing;

namespace Catalog.Platform.Backups;

/// <summary>Streams a backup of the whole catalog to an administrator.</summary>
public static class TakeBackup
{
    public sealed record Query(bool IncludeObjects) : IRequest<Outcome<Answer>>;

    /// <summary>A backup that may be taken; writing it takes the picture.</summary>
    public sealed record Answer(Func<Stream, CancellationToken, Task> WriteAsync);

    internal sealed class Handler(BackupWriter writer, Gate gate) : IRequestHandler<Query, Outcome<Answer>>
    {
        public Task<Outcome<Answer>> Handle(Query q, CancellationToken ct) => Task.FromResult<Outcome<Answer>>(
            gate.Ask(Act.Backup, resource: null).Refusal is { } no
                ? no
                : new Answer((to, token) => writer.WriteAsync(to, q.IncludeObjects, token)));
    }

    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapGet(
                "/v1/backup",
                async (bool? objects, IMediator mediator, CancellationToken ct) =>
                    ToHttp(await mediator.Send(new Query(objects ?? false), ct)))
            .AnswersArchive("TakeBackup", "Take a consistent backup of the whole catalog");

    private static IResult ToHttp(Outcome<Answer> outcome) =>
        outcome.Succeeded ? new Archive(outcome.Value) : new ProblemAnswer(outcome.Problem);

    private sealed class Archive(Answer backup) : IResult
    {
        public Task ExecuteAsync(HttpContext http)
        {
            // The ZIP writer flushes its directory synchronously.
            if (http.Features.Get<IHttpBodyControlFeature>() is { } body)
                body.AllowSynchronousIO = true;
            http.Response.ContentType = "application/zip";
            http.Response.Headers.ContentDisposition = "attachment; filename=\"catalog-backup.zip\"";
            return backup.WriteAsync(http.Response.Body, http.RequestAborted);
        }
    }
}
