using Grpc.Core;

namespace Catalog.Server.Doors.Online;

/// <summary>Calls whose messages are read and written as bytes, by us: no object is made for a value.</summary>
internal static class GrpcBytes
{
    private static readonly Marshaller<PooledBody> s_requests = Marshallers.Create<PooledBody>(
        (_, _) => throw new NotSupportedException("Requests are received, not sent."),
        from => PooledBody.Of(from.PayloadAsReadOnlySequence()));

    private static readonly Marshaller<AnswerBuffer> s_answers = Marshallers.Create<AnswerBuffer>(
        Send, _ => throw new NotSupportedException("Answers are sent, not received."));

    public static Method<PooledBody, AnswerBuffer> Unary(string service, string name) =>
        new(MethodType.Unary, service, name, s_requests, s_answers);

    private static void Send(AnswerBuffer answer, SerializationContext to)
    {
        using (answer)
        {
            to.SetPayloadLength(answer.Length);
            answer.CopyTo(to.GetBufferWriter());
            to.Complete();
        }
    }
}
