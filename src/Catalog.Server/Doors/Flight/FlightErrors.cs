using Catalog.Platform;
using Catalog.Platform.Http;
using Catalog.Server.Doors.Feast;
using Grpc.Core;
using Grpc.Core.Interceptors;

namespace Catalog.Server.Doors.Flight;

/// <summary>
/// What goes wrong, as gRPC has it: a status, the sentence as its detail (to clients of Feast, the error as they read it), and the stable
/// code in the trailer <c>catalog-code</c>.
/// </summary>
internal sealed class FlightErrors : Interceptor
{
    public const string CodeTrailer = "catalog-code";

    public override Task<TResponse> UnaryServerHandler<TRequest, TResponse>(
        TRequest request, ServerCallContext context, UnaryServerMethod<TRequest, TResponse> continuation) =>
        GuardAsync(context, () => continuation(request, context));

    public override Task ServerStreamingServerHandler<TRequest, TResponse>(
        TRequest request, IServerStreamWriter<TResponse> responseStream, ServerCallContext context,
        ServerStreamingServerMethod<TRequest, TResponse> continuation) =>
        GuardAsync(context, async () =>
        {
            await continuation(request, responseStream, context);
            return true;
        });

    public override Task DuplexStreamingServerHandler<TRequest, TResponse>(
        IAsyncStreamReader<TRequest> requestStream, IServerStreamWriter<TResponse> responseStream, ServerCallContext context,
        DuplexStreamingServerMethod<TRequest, TResponse> continuation) =>
        GuardAsync(context, async () =>
        {
            await continuation(requestStream, responseStream, context);
            return true;
        });

    private static async Task<T> GuardAsync<T>(ServerCallContext context, Func<Task<T>> call)
    {
        try
        {
            return await call();
        }
        catch (NotImplementedException)
        {
            throw new RpcException(new Status(StatusCode.Unimplemented, "The catalog does not answer this call."));
        }
        catch (Exception e) when (Faults.ToProblem(e) is { } problem)
        {
            var detail = FeastDoor.IsCalledAt(context.Method) ? FeastRefusal.Detail(problem) : problem.Detail;
            throw new RpcException(new Status(StatusOf(problem.Kind), detail), new Metadata { { CodeTrailer, problem.Code } });
        }
    }

    private static StatusCode StatusOf(ProblemKind kind) => kind switch
    {
        ProblemKind.Invalid => StatusCode.InvalidArgument,
        ProblemKind.Unauthenticated => StatusCode.Unauthenticated,
        ProblemKind.Forbidden => StatusCode.PermissionDenied,
        ProblemKind.NotFound => StatusCode.NotFound,
        ProblemKind.Conflict or ProblemKind.PreconditionFailed or ProblemKind.Unprocessable => StatusCode.FailedPrecondition,
        ProblemKind.TooLarge or ProblemKind.TooManyRequests => StatusCode.ResourceExhausted,
        ProblemKind.Unavailable => StatusCode.Unavailable,
        _ => StatusCode.Internal,
    };
}
